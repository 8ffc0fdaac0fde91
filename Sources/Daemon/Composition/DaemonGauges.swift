internal import Foundation
internal import Glibc
internal import MQTTSession
internal import Metrics
internal import Synchronization
internal import Telemetry

/// What is looked up when somebody asks for the metrics, rather than counted as it happens.
final class DaemonGauges: Sendable {
    private let connections: BrokerConnections
    private let tape: EventTape?
    private let metrics: MetricRegistry
    private let memory, processor, files, logLost, tapeLost: Meter
    private let startedAt = ContinuousClock.now
    private let uptime: Meter
    /// Made at a connection's first look: there are as many as brokers are configured.
    private let brokers = Mutex<[String: BrokerGauges]>([:])

    private struct BrokerGauges {
        var connected, lag, caughtUp: Meter
    }

    init(connections: BrokerConnections, tape: EventTape?, metrics: MetricRegistry) {
        (self.connections, self.tape, self.metrics) = (connections, tape, metrics)
        memory = Meter(label: "process_resident_memory_bytes", factory: metrics)
        processor = Meter(label: "process_cpu_seconds", factory: metrics)
        files = Meter(label: "process_open_fds", factory: metrics)
        uptime = Meter(label: "sluice_uptime_seconds", factory: metrics)
        logLost = Meter(label: "sluice_log_lost_lines", dimensions: [("place", "output")], factory: metrics)
        tapeLost = Meter(label: "sluice_log_lost_lines", dimensions: [("place", "tape")], factory: metrics)
    }

    func register() { metrics.beforeEachText { [self] in look() } }

    private func look() {
        uptime.set((ContinuousClock.now - startedAt) / .seconds(1))
        logLost.set(Double(LogOutput.standard.lostLines))
        tapeLost.set(Double(tape?.lostLines ?? 0))
        lookAtProcess()
        for (name, status) in connections.statuses {
            let gauges = brokers.withLock { known in
                let gauges = known[name] ?? make(name)
                known[name] = gauges
                return gauges
            }
            gauges.connected.set(status.phase == .connected ? 1.0 : 0.0)
            gauges.caughtUp.set(status.isCaughtUp ? 1.0 : 0.0)
            gauges.lag.set(Double(status.oldestUncommittedMs ?? 0) / 1000)
        }
    }

    private func make(_ broker: String) -> BrokerGauges {
        func meter(_ name: String) -> Meter {
            Meter(label: "sluice_mqtt_\(name)", dimensions: [("broker", broker)], factory: metrics)
        }
        return BrokerGauges(connected: meter("connected"), lag: meter("lag_seconds"), caughtUp: meter("caught_up"))
    }

    private func lookAtProcess() {
        var usage = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
            processor.set(seconds(usage.ru_utime) + seconds(usage.ru_stime))
        }
        if let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        {
            memory.set(pages * Double(sysconf(Int32(_SC_PAGESIZE))))
        }
        let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        if let open { files.set(Double(open)) }
    }
}
