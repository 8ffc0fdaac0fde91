/// How log lines look. Key `log.format`.
public enum LogFormat: String, Sendable, CaseIterable, Codable {
    /// Text on a terminal, fields where systemd's journal listens, JSON anywhere else.
    case auto
    /// One JSON object a line, for machines.
    case json
    /// Columns for people.
    case text
    /// Fields with a priority, straight to systemd's journal; JSON where there is none.
    case journal
}
