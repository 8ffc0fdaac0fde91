internal import Logging
internal import Readings
internal import Telemetry
internal import Settings

extension Configuration.Log {
    /// The daemon's logger: lines to standard output or the journal, stamped by `clock`.
    func logger(clock: WallClock) -> Logger {
        LogOutput.standard.level = level
        // What the output holds back is kept on the tape all the same: `sluice tail` shows it to who asks.
        let level = min(level, .debug)
        return Logger(label: "sluice") { label in
            SluiceLogHandler(label: label, format: format, level: level, clock: { clock.nowMs() })
        }
    }

    /// Keeps the events of the daemon that holds `directory` for `sluice tail`. Without them it goes on all the same.
    func keepTape(in directory: String, logger: Logger) -> EventTape? {
        guard history > 0 else { return nil }
        do throws(EventTapeError) {
            let tape = try EventTape(directory: "\(directory)/\(Self.tapeFolder)", capacityBytes: history)
            LogOutput.standard.record(on: tape)
            return tape
        } catch {
            logger.warning(
                "log.tape_unavailable",
                metadata: ["reason": "\(error)", "effect": "sluice tail has nothing to show"])
            return nil
        }
    }

    /// The tape's folder in the data directory.
    static let tapeFolder = "events"
}
