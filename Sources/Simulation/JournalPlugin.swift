internal import Glibc

/// The SluiceJournal plugin for a ``LocalBroker``: where its library is, and how it is set up.
public struct JournalPlugin: Sendable, Equatable {
    /// The library, `libSluiceJournal.so`.
    public var path: String
    /// Options without their prefix `plugin_opt_journal_`: ("sync", "always"). The directory is the broker's affair.
    public var options: [(name: String, value: String)] = []

    public init(path: String, options: [(name: String, value: String)] = []) {
        (self.path, self.options) = (path, options)
    }

    /// The plugin that was built with this program, or the one that `SLUICE_JOURNAL_PLUGIN` names; nil if there is none:
    /// `swift build -c release --product SluiceJournal` makes it, and needs mosquitto-dev.
    public static func built() -> JournalPlugin? {
        if let path = unsafe getenv("SLUICE_JOURNAL_PLUGIN") {
            return unsafe JournalPlugin(path: String(cString: path))
        }
        var folder = CommandLine.arguments[0][...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let candidate = "\(folder)/libSluiceJournal.so"
            if unsafe access(candidate, R_OK) == 0, let real = unsafe realpath(candidate, nil) {
                defer { unsafe free(real) }
                return unsafe JournalPlugin(path: String(cString: real))
            }
        }
        return nil
    }

    /// What stands in mosquitto.conf for it.
    public func lines(directory: String) -> [String] {
        ["plugin \(path)", "plugin_opt_journal_directory \(directory)"]
            + options.map { "plugin_opt_journal_\($0.name) \($0.value)" }
    }

    public static func == (one: JournalPlugin, other: JournalPlugin) -> Bool {
        one.lines(directory: "") == other.lines(directory: "")
    }
}
