internal import IssueStorage
public import Open311

/// What deliveries are known by, everywhere and for ever.
public struct Reference: Sendable, Equatable {
    /// The store's name among all others.
    public let identity: String

    public init(identity: String) { self.identity = identity }

    /// Names a change, so that whoever gets it twice can tell: visible ASCII, under 128 bytes.
    func key(of item: OutboxItem) -> String { "\(mark(of: item.request))-\(item.number)" }

    /// Names a request in texts that other cities list, so that we find it again there: `sluice-STORE-NUMBER-INCIDENT`.
    ///
    /// A store that is restored gives numbers again that others know already. What tells incidents apart stands beside the
    /// number: so another incident is another request there, and the same one, met again, is the same.
    ///
    /// - Parameter request: as the destination may see it. What it may not know is not in the mark either.
    public func mark(of request: ServiceRequest) -> String {
        let key = request.incidentKey
        // Tickets of people's reports are given again as well, and of what is kept back only the time is told.
        let isNamed = !(key.isEmpty || key == ServiceRequest.shareMark || key.hasPrefix(ServiceRequest.reportKeyPrefix))
        let told = isNamed ? key : "\(key)@\(request.requestedAtMs)"
        return "sluice-\(identity)-\(request.id)-\(ContentHash.hexadecimal(Array(told.utf8)).prefix(8))"
    }

    /// A line of a request's description that carries the mark.
    func line(of request: ServiceRequest) -> String { Self.lineBegin + mark(of: request) }

    private static let lineBegin = "Reference: "

    /// Whether a text came from another Sluice, or from this one by way of another city.
    static func isForwarded(_ description: String) -> Bool {
        description.split(separator: "\n").last?.hasPrefix(lineBegin + "sluice-") ?? false
    }

    /// A report's text as it may enter the store: a last line that looks like ours and isn't is quoted as mail is quoted. Else
    /// anybody's words, or those of a forwarded request that somebody has copied, would keep a report from being forwarded.
    ///
    /// - Parameter key: what the caller named the report by (`Idempotency-Key`). A Sluice that forwards says the same there
    ///   (``key(of:)``); people who fill in forms say nothing.
    public static func admitted(_ description: String, named key: String?) -> String {
        guard isForwarded(description), let line = description.split(separator: "\n").last else { return description }
        if let key, key.hasPrefix(line.dropFirst(lineBegin.count) + "-") { return description }
        let quoted = description[..<line.startIndex] + "> " + description[line.startIndex...]
        return String(String.UnicodeScalarView(quoted.unicodeScalars.prefix(RequestSubmission.longestDescription)))
    }

    /// Whether a text carries this request's mark.
    func marks(_ description: String, _ request: ServiceRequest) -> Bool { description.contains(mark(of: request)) }
}
