import Foundation
import Glibc
import Logging
import Synchronization
import Telemetry

/// A log output into a pipe, with clocks that tests move by hand.
final class LogCapture: Sendable {
    let output: LogOutput
    /// Both clocks: the lines' and the limit's.
    private let clock: Clock
    private let readEnd: Int32
    private let writeEnd: Int32

    /// 2026-05-01, 02:10:00.123 UTC.
    static let startMs: Int64 = 1_777_601_400_123

    init(linesPerSecond: Int = 20, journal: String = "/nowhere/socket") {
        var ends: [Int32] = [0, 0]
        precondition(unsafe pipe(&ends) == 0, "no pipe, errno \(errno)")
        (readEnd, writeEnd) = (ends[0], ends[1])
        _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
        let clock = Clock(Self.startMs)
        self.clock = clock
        output = LogOutput(
            fileDescriptor: writeEnd, linesPerSecond: linesPerSecond, uptimeMs: { clock.value }, journal: journal,
            environment: [:])
    }

    private final class Clock: Sendable {
        private let state: Mutex<Int64>
        init(_ value: Int64) { state = Mutex(value) }
        var value: Int64 { state.withLock { $0 } }
        func add(_ ms: Int64) { state.withLock { $0 += ms } }
    }

    deinit {
        close(writeEnd)
        close(readEnd)
    }

    func advance(ms: Int64) { clock.add(ms) }

    func logger(_ format: LogFormat = .json, label: String = "sluice", metadata: Logger.Metadata = [:]) -> Logger {
        var logger = Logger(label: label) { [clock, output] label in
            SluiceLogHandler(label: label, format: format, level: .trace, clock: { clock.value }, output: output)
        }
        for (key, value) in metadata { logger[metadataKey: key] = value }
        return logger
    }

    /// What was written since the last call.
    func text() -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(readEnd, &piece, piece.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece.prefix(count)
        }
    }

    /// The lines since the last call, parsed by Foundation.
    func objects() throws -> [[String: any Sendable]] {
        try text().split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return (object as? [String: any Sendable]) ?? [:]
        }
    }
}
