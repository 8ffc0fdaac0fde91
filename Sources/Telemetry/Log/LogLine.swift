internal import Logging

/// One event to be written, in either form.
struct LogLine: Sendable {
    /// Milliseconds since the Unix epoch.
    var timeMs: Int64
    var level: Logger.Level
    var event: String
    var logger: String
    var fields: Logger.Metadata
    var form: Form
    /// How many lines this one stands for; 1 when it stands for itself only.
    var standsFor = 1

    enum Form: Sendable {
        case json, text, journal
    }

    /// The line and its line feed. What the journal does not take is JSON.
    func rendered(isColoured: Bool) -> String {
        form == .text ? text(isColoured: isColoured) : json()
    }

    // MARK: JSON

    /// Fields that every line has. Metadata of the same name gets a trailing underscore.
    private static let reserved: Set = ["seq", "time", "level", "event", "logger", "repeated"]

    /// - Parameter sequence: the line's number on the ``EventTape``.
    func json(sequence: Int64? = nil) -> String {
        var line = sequence.map { "{\"seq\":\($0),\"time\":" } ?? "{\"time\":"
        line += "\"\(LogTime.iso8601(ms: timeMs))\",\"level\":\"\(level.rawValue)\",\"event\":"
        line += LogEscape.quoted(event)
        line += ",\"logger\":" + LogEscape.quoted(logger)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            let name = Self.reserved.contains(key) ? key + "_" : key
            line += "," + LogEscape.quoted(name) + ":"
            LogValue.appendJSON(value, key: key, to: &line)
        }
        if standsFor > 1 { line += ",\"repeated\":\(standsFor)" }
        return line + "}\n"
    }

    // MARK: Text

    private func text(isColoured: Bool) -> String {
        var line = LogTime.timeOfDay(ms: timeMs) + " "
        let word = Self.padded(levelWord, 5)
        line += isColoured ? "\u{1B}[\(colour)m\(word)\u{1B}[0m " : word + " "
        line += Self.padded(LogEscape.visible(event), 22) + details
        while line.hasSuffix(" ") { line.removeLast() }
        return line + "\n"
    }

    /// The event and its details in one line, for a reader who has time and level elsewhere.
    var sentence: String { LogEscape.visible(event) + details }

    private var details: String {
        var line = ""
        var rest = fields
        if let service = rest.removeValue(forKey: "service") {
            line += " " + LogValue.text(service, key: "service")
        }
        if let request = rest.removeValue(forKey: "request") {
            line += " #" + LogValue.text(request, key: "request")
        }
        for (key, value) in rest.sorted(by: { $0.key < $1.key }) {
            line += " \(LogEscape.word(key))=\(LogValue.text(value, key: key))"
        }
        if standsFor > 1 { line += " repeated=\(standsFor)" }
        return line
    }

    /// At most five letters.
    private var levelWord: String {
        switch level {
        case .notice: "NOTE"
        case .warning: "WARN"
        case .critical: "CRIT"
        default: level.rawValue.uppercased()
        }
    }

    /// The SGR parameter of the level's colour.
    private var colour: String {
        switch level {
        case .trace, .debug: "2"
        case .info, .notice: "36"
        case .warning: "33"
        case .error: "31"
        case .critical: "1;31"
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
