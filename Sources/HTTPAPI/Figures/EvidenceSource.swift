public import Detection
public import IssueStorage

/// Where the evidence of requests is read. `IssueReader` is the one behind the daemon.
public protocol EvidenceSource: Sendable {
    /// nil for a request that no sensor's signal raised.
    func evidence(ofRequest id: Int64) async throws -> RequestEvidence?
}

extension IssueReader: EvidenceSource {}

/// What the places of evidence need: its source, and the clock of the charts.
public struct EvidenceParts: Sendable {
    public var source: any EvidenceSource
    /// The clock that charts are labelled in, and its IANA name.
    public var zone: ZoneTable
    public var zoneName: String

    public init(source: any EvidenceSource, zone: ZoneTable = .utc, zoneName: String = "UTC") {
        self.source = source
        self.zone = zone
        self.zoneName = zoneName
    }
}
