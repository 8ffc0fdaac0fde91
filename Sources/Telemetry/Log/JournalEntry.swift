internal import Logging

/// One event as the journal takes it.
///
/// ```
/// PRIORITY=6
/// MESSAGE=request.opened water-leak #12 sensor=wl-0042
/// SLUICE_EVENT=request.opened
/// SLUICE_REQUEST=12
/// ```
/// so that `journalctl SLUICE_EVENT=request.opened SLUICE_SENSOR=wl-0042` finds it.
struct JournalEntry {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ name: String, _ value: String) {
        // A value without a line feed may stand behind `=`; ours never has one, because it is escaped.
        bytes += Array("\(name)=\(value)\n".utf8)
    }
}

extension LogLine {
    var journalEntry: JournalEntry {
        var entry = JournalEntry()
        entry.add("PRIORITY", "\(level.priority)")
        entry.add("SYSLOG_IDENTIFIER", "sluice")
        entry.add("MESSAGE", sentence)
        entry.add("SLUICE_EVENT", LogEscape.visible(event))
        entry.add("SLUICE_LOGGER", LogEscape.visible(logger))
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            entry.add(Self.journalName(key), LogValue.plain(value, key: key))
        }
        if standsFor > 1 { entry.add("SLUICE_REPEATED", "\(standsFor)") }
        return entry
    }

    /// Capital letters, digits and `_`, at most 64 bytes; what begins with `_` would be the journal's own.
    static func journalName(_ key: String) -> String {
        let name = key.unicodeScalars.map { scalar -> Character in
            scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                ? Character(scalar) : "_"
        }
        return String(("SLUICE_" + String(name).uppercased()).prefix(64))
    }
}

extension Logger.Level {
    /// As syslog counts: 2 critical … 7 debug.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
