internal import IssueStorage

/// What deliveries are known by, everywhere and for ever.
public struct Reference: Sendable, Equatable {
    /// The store's name among all others.
    public let identity: String

    public init(identity: String) { self.identity = identity }

    /// Names a change, so that whoever gets it twice can tell: visible ASCII, under 128 bytes.
    func key(of item: OutboxItem) -> String { "sluice-\(identity)-\(item.requestID)-\(item.number)" }

    /// Names a request in texts that other cities list, so that we find it again there.
    func mark(ofRequest id: Int64) -> String { "sluice-\(identity)-\(id)" }

    /// A line of a request's description that carries the mark.
    func line(ofRequest id: Int64) -> String { "Reference: \(mark(ofRequest: id))" }

    /// Whether a text came from another Sluice, or from this one by way of another city.
    static func isForwarded(_ description: String) -> Bool {
        description.split(separator: "\n").last?.hasPrefix("Reference: sluice-") ?? false
    }

    /// Whether a text carries this request's mark: as a whole, not as the beginning of a longer number.
    func marks(_ description: String, request id: Int64) -> Bool {
        let mark = mark(ofRequest: id)
        return description.ranges(of: mark).contains { range in
            range.upperBound == description.endIndex || !description[range.upperBound].isNumber
        }
    }
}
