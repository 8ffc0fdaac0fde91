internal import Glibc
internal import Synchronization
internal import TimeBase

/// Progress of long work on standard error: a bar on a terminal, a line every tenth part on a pipe.
final class ProgressBar: Sendable {
    private struct State {
        var drawnAtNs: Int64 = 0
        var saidTenths = -1
    }

    private let title: String
    private let unit: String
    private let total: Int
    private let isTerminal: Bool
    private let startedAtNs: Int64
    private let state = Mutex(State())

    /// - Parameter total: how many there will be; 0 when that is not known.
    init(_ title: String, unit: String, total: Int, isTerminal: Bool = Terminal.isErrorInteractive) {
        self.title = title
        self.unit = unit
        self.total = total
        self.isTerminal = isTerminal
        startedAtNs = MonotonicClock.nowNs()
    }

    /// Shows that `done` of them are done. Cheap enough to call often: it draws ten times a second at most.
    func update(_ done: Int) {
        update(share: total > 0 ? Double(min(done, total)) / Double(total) : 0, done: done)
    }

    /// Shows that `share` (0–1) of the work, and `done` of the things, are done. A file that grows meanwhile is all done.
    func update(share: Double, done: Int) {
        let share = min(max(share, 0), 1)
        let now = MonotonicClock.nowNs()
        state.withLock { state in
            if isTerminal {
                guard now - state.drawnAtNs > 100_000_000 else { return }
                state.drawnAtNs = now
                Terminal.write("\r\(line(share, done, now))\u{1B}[K", to: STDERR_FILENO)
            } else {
                let tenths = Int(share * 10)
                guard tenths > state.saidTenths else { return }
                state.saidTenths = tenths
                Terminal.complain(line(share, done, now))
            }
        }
    }

    /// Ends the bar with what was done in all.
    func finish(_ done: Int) {
        let now = MonotonicClock.nowNs()
        let seconds = Double(now - startedAtNs) / 1e9
        let rate = seconds > 0 ? Int(Double(done) / seconds) : 0
        let text = "\(title): \(Self.counted(done, unit)) in \(Self.decimal(seconds)) s (\(Self.grouped(rate))/s)"
        if isTerminal { Terminal.write("\r\u{1B}[K", to: STDERR_FILENO) }
        Terminal.complain(text)
    }

    private func line(_ share: Double, _ done: Int, _ now: Int64) -> String {
        let seconds = Double(now - startedAtNs) / 1e9
        guard total > 0 else { return "\(title): \(Self.counted(done, unit))" }
        let filled = Int(share * 30)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
        let left = share > 0.02 ? ", \(Self.decimal(seconds / share - seconds)) s left" : ""
        return "\(title) \(bar) \(Int(share * 100)) %  \(Self.counted(done, unit))\(left)"
    }

    static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// So many of a unit, which is given in the plural.
    static func counted(_ number: Int, _ unit: String) -> String {
        "\(grouped(number)) \(number == 1 && unit.hasSuffix("s") ? String(unit.dropLast()) : unit)"
    }

    /// 1234567 → `1 234 567`.
    static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        groups.insert(digits, at: 0)
        return (number < 0 ? "-" : "") + groups.joined(separator: " ")
    }
}
