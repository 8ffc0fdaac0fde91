public import Logging

/// Writes one event a line: JSON for machines, columns for people on a terminal, fields for systemd's journal.
///
/// ```
/// {"time":"2026-05-01T02:10:00.123Z","level":"info","event":"request.opened","logger":"sluice","request":12,…}
/// 02:10:00 INFO  request.opened         water-leak #12 sensor=wl-0042
/// ```
/// The message is the event's stable name and the metadata its details: keys in order, numbers and truth values kept
/// as such when they are passed as `.stringConvertible`. Whatever comes from outside is escaped, so that it can neither
/// forge a line nor reach the terminal as a control character. Values of keys that name a secret (`password`,
/// `token`, `api_key` …) are left out. The text form shows the metadata `service` and `request` bare, before the rest.
public struct SluiceLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    public var logLevel: Logger.Level

    private let label: String
    private let form: LogLine.Form
    private let clock: @Sendable () -> Int64
    private let output: LogOutput

    /// - Parameters:
    ///   - label: the logger's name, the JSON field `logger`.
    ///   - clock: milliseconds since the Unix epoch, for the line's time.
    ///   - output: where lines go and how many; handlers that write to one place share one.
    public init(
        label: String, format: LogFormat = .auto, level: Logger.Level = .info,
        clock: @escaping @Sendable () -> Int64, output: LogOutput = .standard,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.clock = clock
        self.output = output
        self.metadataProvider = metadataProvider
        logLevel = level
        form =
            switch format {
            case .auto: output.isJournal ? .journal : output.isTerminal ? .text : .json
            case .json: .json
            case .text: .text
            case .journal: .journal
            }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let line = LogLine(
            timeMs: clock(), level: event.level, event: event.message.description, logger: label,
            fields: fields(of: event), form: form)
        output.write(line)
    }

    /// The call's own metadata wins over the provider's, and that over the handler's.
    private func fields(of event: LogEvent) -> Logger.Metadata {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let error = event.error { fields["error"] = .string("\(error)") }
        if let own = event.metadata { fields.merge(own) { $1 } }
        return fields
    }
}
