internal import Logging
internal import Readings
internal import Telemetry

extension Configuration.Log {
    /// The daemon's logger: lines to standard output, stamped by `clock`.
    func logger(clock: WallClock) -> Logger {
        Logger(label: "sluice") { label in
            SluiceLogHandler(label: label, format: format, level: level, clock: { clock.nowMs() })
        }
    }
}
