public import Open311

/// Something that people must know of the daemon itself: a request that no sensor raised.
public struct Notice: Sendable, Equatable {
    /// What happened; the detector's name in the request. No ``Rule`` has this name, so that nothing else closes it.
    public var kind: String
    /// What it happened to, unique for this kind.
    public var subject: String
    public var title: String
    public var description: String
    /// What happens next.
    public var advice: String
    /// 1 (look at it some day) to 4 (at once).
    public var severity: Int

    public init(kind: String, subject: String, title: String, description: String, advice: String, severity: Int) {
        self.kind = kind
        self.subject = subject
        self.title = title
        self.description = description
        self.advice = advice
        self.severity = severity
    }

    /// The key of the request that it becomes: one for each kind and subject.
    public var incidentKey: String { "\(Self.keyPrefix)\(kind)/\(subject)" }

    /// How the incident keys of all notices begin.
    public static let keyPrefix = "\(ServiceCode.sensorFault.rawValue)/sluice/"
}

extension IncidentBook {
    /// Files a notice under the service for faults.
    public mutating func file(_ notice: Notice, nowMs: Int64, into batch: CommitBatch) {
        defer { nextRequestID += 1 }
        var request = ServiceRequest(
            id: nextRequestID, service: .sensorFault,
            incidentKey: notice.incidentKey, requestedAtMs: nowMs)
        request.title = notice.title
        request.description = notice.description
        request.notice = notice.advice
        request.statusNotes = "Opened: \(notice.title)"
        request.severity = notice.severity
        request.detector = notice.kind
        request.sensorID = notice.subject
        request.sensorCount = 0
        batch.requests.append(request)
        batch.updates.append(
            RequestUpdate(
                requestID: request.id, number: 1, atMs: nowMs, status: .open, text: request.statusNotes))
        batch.decisions.append(
            Decision(
                .requestOpened, atMs: nowMs, sensorID: notice.subject, requestID: request.id, service: .sensorFault,
                reason: notice.title))
    }

    /// Closes a stored request, and says why.
    ///
    /// - Parameter lastUpdate: the number of its last update.
    public static func close(
        _ open: ServiceRequest, lastUpdate: Int, because note: String, nowMs: Int64, into batch: CommitBatch
    ) {
        var request = open
        request.status = .closed
        request.word = .closed
        request.updatedAtMs = max(request.updatedAtMs, nowMs)
        request.statusNotes = "Closed: \(note)"
        batch.requests.append(request)
        batch.updates.append(
            RequestUpdate(
                requestID: request.id, number: lastUpdate + 1, atMs: request.updatedAtMs, status: .closed,
                text: request.statusNotes))
        batch.decisions.append(
            Decision(
                .requestClosed, atMs: nowMs, sensorID: request.sensorID, requestID: request.id,
                service: request.service, ward: request.ward,
                reason: request.statusNotes))
    }
}
