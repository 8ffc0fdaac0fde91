internal import IssueStorage
internal import Open311

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
    func line(ofRequest id: Int64) -> String { Self.lineBegin + mark(ofRequest: id) }

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

    /// Whether a text carries this request's mark: as a whole, not as the beginning of a longer number.
    func marks(_ description: String, request id: Int64) -> Bool {
        let mark = mark(ofRequest: id)
        return description.ranges(of: mark).contains { range in
            range.upperBound == description.endIndex || !description[range.upperBound].isNumber
        }
    }
}
