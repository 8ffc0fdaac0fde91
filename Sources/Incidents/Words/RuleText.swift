/// The rules that hold from one place of the stream on, in the words that they were configured with.
///
/// It stands in the log, so that replay judges each stretch by the rules that held then, and with the services and the clock
/// that held then. The words are kept, not the parameters that were read from them: they outlive a program that calls a
/// parameter differently.
public struct RuleText: Sendable, Equatable, Codable {
    /// ``RuleSignatures/hash`` of the rules as they were read.
    public var hash: String
    /// The configuration file, whole.
    public var text: String
    /// Variables of the environment that had overridden the file; no secrets are among them.
    public var variables: [String: String]
    /// The clock that texts, routing and sensors without one of their own follow: an IANA name, as it was in effect. It may be
    /// the system's, and then the file says nothing of it. nil in logs of programs that did not note it.
    public var zone: String?
    /// What the services are read from, where the file says something else of them: they change with a restart, and a file
    /// may wait for one.
    public var started: Words?

    /// A configuration as somebody wrote it.
    public struct Words: Sendable, Equatable, Codable {
        public var text: String
        public var variables: [String: String]

        public init(text: String, variables: [String: String]) { (self.text, self.variables) = (text, variables) }
    }

    public init(
        hash: String, text: String, variables: [String: String] = [:], zone: String? = nil, started: Words? = nil
    ) {
        (self.hash, self.text, self.variables) = (hash, text, variables)
        (self.zone, self.started) = (zone, started)
    }
}

/// A rule set as the log has it.
public struct LoggedRules: Sendable, Equatable {
    /// From behind this place on it holds.
    public var sequence: Int64
    public var rules: RuleText

    public init(sequence: Int64, rules: RuleText) { (self.sequence, self.rules) = (sequence, rules) }
}

/// What became of the state when the rules changed.
public struct RuleChange: Sendable, Equatable {
    public var hash: String
    /// Sensors whose detectors went on with what they had learned, and those that begin afresh, because it doesn't fit.
    public var sensorsKept = 0, sensorsAfresh = 0
    /// Why the first of those does.
    public var firstReason: String?

    public init(hash: String) { self.hash = hash }
}
