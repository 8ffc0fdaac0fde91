/// How a connection acts as a Sparkplug host application. Key `sparkplug` of a broker.
public struct SparkplugSettings: Sendable, Equatable {
    /// Our name among hosts, which edge nodes may wait for: `spBv1.0/STATE/{host}`. Key `sparkplug.host`.
    public var host = "sluice"
    /// How long a message that was passed over may still come before its node is asked to begin anew.
    /// Key `sparkplug.reorder_timeout`.
    public var reorderTimeout = Duration.seconds(5)
    /// How often one edge node is asked at most. Key `sparkplug.rebirth_interval`.
    public var rebirthInterval = Duration.seconds(60)

    public init() {}

    /// Every problem, each starting with its key below `path`.
    package func problems(at path: String) -> [String] {
        var found: [String] = []
        if let problem = SparkplugCommand.problem(withHost: host) { found.append("\(path).host: \(problem)") }
        if reorderTimeout < .zero { found.append("\(path).reorder_timeout: must not be negative") }
        if rebirthInterval < .seconds(1) { found.append("\(path).rebirth_interval: must be at least 1 s") }
        return found
    }
}
