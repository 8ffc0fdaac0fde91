/// How log lines look. Key `log.format`.
public enum LogFormat: String, Sendable, CaseIterable, Codable {
    /// Text on a terminal, JSON anywhere else.
    case auto
    /// One JSON object a line, for machines.
    case json
    /// Columns for people.
    case text
}
