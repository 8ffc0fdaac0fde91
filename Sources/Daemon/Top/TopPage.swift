internal import Readings
internal import Telemetry
internal import Settings

/// One look at the daemon for a terminal.
struct TopPage {
    let lines: [String]

    /// - Parameter earlier: a look before, for rates; without it they are those since the start.
    init(_ now: OperationsFigures, since earlier: OperationsFigures?) {
        let seconds = max(0.001, Double(now.upMs - (earlier?.upMs ?? 0)) / 1000)
        func rate(_ count: KeyPath<OperationsFigures.Counts, Int>) -> String {
            let past = earlier?.counts[keyPath: count] ?? 0
            return Self.rate(Double(max(0, now.counts[keyPath: count] - past)) / seconds)
        }
        var lines = [Self.head(now), ""]
        lines.append(
            Self.row(
                "rates",
                [
                    "messages \(rate(\.messages))", "readings \(rate(\.readings))", "late \(rate(\.late))",
                    "duplicates \(rate(\.duplicates))", "shed \(rate(\.shed))", "quarantined \(rate(\.quarantined))",
                    "commits \(rate(\.commits))",
                ]))
        lines.append(
            Self.row(
                "so far",
                [
                    "\(ProgressBar.grouped(now.counts.readings)) readings", "\(now.counts.opened) requests opened",
                    "\(now.counts.closed) closed",
                ]))
        for broker in now.brokers { lines.append(Self.row("broker", Self.parts(broker))) }
        lines.append(Self.row("store", Self.parts(now.store)))
        lines += ["", Terminal.bold("latency, ms".padded(to: 22) + Self.columns(["p50", "p99", "p99.9"]))]
        lines += now.latencies.map { latency in
            latency.stage.padded(to: 22) + Self.columns([latency.p50, latency.p99, latency.p999].map(Self.ms))
        }
        lines += ["", Terminal.bold(Self.heading)]
        lines += Self.sensors(now)
        lines += [
            "",
            Self.row(
                "quarantine", now.quarantine.isEmpty ? ["empty"] : now.quarantine.map { "\($0.reason) \($0.count)" }),
        ]
        let troubles = now.health.checks.filter { !$0.isOK }
        lines += troubles.map { Terminal.bold("! \($0.name): ") + Terminal.printable($0.detail) }
        self.lines = lines
    }

    private static func head(_ now: OperationsFigures) -> String {
        let state = !now.health.isLive ? "NOT LIVE" : now.health.isReady ? "ready" : "NOT READY"
        let up = DurationText.string(.seconds(now.upMs / 1000))
        return Terminal.bold("sluice \(now.version)  \(state)") + "  up \(up)  \(Timestamp.format(now.atMs))"
    }

    private static func row(_ name: String, _ parts: [String]) -> String {
        name.padded(to: 12) + parts.joined(separator: "  ")
    }

    private static func parts(_ broker: OperationsFigures.Broker) -> [String] {
        [
            Terminal.printable(broker.name), broker.phase, broker.isCaughtUp ? "caught up" : "catching up",
            "lag \(broker.lagMs) ms", "ring \(bar(broker.ringFill))",
            "\(ProgressBar.grouped(broker.messages)) messages",
        ]
    }

    private static func parts(_ store: OperationsFigures.Store) -> [String] {
        [
            store.state, "database \(bytes(store.databaseBytes))", "wal \(bytes(store.walBytes))",
            "last commit \(ms(store.lastCommitMs)) ms",
        ]
    }

    // MARK: Sensors

    private static let half = 44
    private static let heading = "busiest, last 5 min".padded(to: half) + "noisiest: late, clamped, in conflict"

    private static func sensors(_ now: OperationsFigures) -> [String] {
        let rows = max(now.busiest.count, now.noisiest.count)
        guard rows > 0 else { return [Terminal.dim("no readings")] }
        return (0..<rows).map { row in
            let busy = row < now.busiest.count ? entry(now.busiest[row], now.busiest[row].readings) : ""
            let noisy = row < now.noisiest.count ? entry(now.noisiest[row], now.noisiest[row].odd) : ""
            return busy.padded(to: half) + noisy
        }
    }

    private static func entry(_ sensor: OperationsFigures.Sensor, _ count: Int) -> String {
        "\(right(ProgressBar.grouped(count), 9))  \(Terminal.printable(String(sensor.id.prefix(30))))"
    }

    // MARK: Numbers

    private static func columns(_ texts: [String]) -> String { texts.map { right($0, 10) }.joined() }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func ms(_ value: Double?) -> String { value.map { ProgressBar.decimal($0) } ?? "–" }

    private static func rate(_ value: Double) -> String {
        value >= 100 ? "\(ProgressBar.grouped(Int(value)))/s" : "\(ProgressBar.decimal(value))/s"
    }

    private static func bytes(_ count: Int) -> String {
        count < 1 << 20 ? "\(count >> 10) KiB" : "\(ProgressBar.decimal(Double(count) / Double(1 << 20))) MiB"
    }

    private static func bar(_ share: Double) -> String {
        let filled = Int((min(max(share, 0), 1) * 10).rounded(.up))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: 10 - filled)
            + " \(Int((share * 100).rounded())) %"
    }
}
