internal import Incidents
internal import IssueStorage
internal import Logging
internal import Pipeline
internal import Readings
internal import SPSCRing
internal import Synchronization
internal import Telemetry
internal import Settings

/// The daemon's core without brokers and without the web: readings go straight into the pipeline and the store.
///
/// For `sluice replay` and for the demo's history. Holds the data directory's lock while it runs.
enum OfflineRun {
    /// What a run did.
    struct Summary: Sendable {
        var readings = 0
        var opened = 0
        var closed = 0
        var reopened = 0
    }

    /// Opens the store, lets `feed` push a stream, and waits until it is committed. Blocks.
    ///
    /// - Parameters:
    ///   - registry: sensors known in another way than by `sensors.file`.
    ///   - settled: whether it does its upkeep too before it ends; no where a daemon goes on with the store.
    ///   - feed: given the feeder and what was recovered.
    /// - Returns: what was pushed and decided.
    static func run(
        _ configuration: Configuration, registry: [Sensor], settled: Bool, stop: StopFlag = StopFlag(), logger: Logger,
        onDecisions: @escaping @Sendable ([Decision]) -> Void = { _ in },
        feed: (_ feeder: inout StreamFeeder, _ core: Core) throws -> Void
    ) throws -> Summary {
        let core = try Core(
            configuration, registry: registry, isOffline: true, clock: .system, stop: stop, metrics: MetricRegistry(),
            logger: logger)
        let summary = Mutex(Summary())
        var feeder = StreamFeeder(core.addSource())
        core.start { batch in
            summary.withLock { $0.count(batch.decisions) }
            onDecisions(batch.decisions)
        }
        do {
            try feed(&feeder, core)
        } catch {
            core.stop()
            throw error
        }
        // The last decisions are told after the last commit: only then are they counted.
        core.stop(settled: settled)
        let pushed = feeder.pushed
        return summary.withLock { summary in
            summary.readings = pushed
            return summary
        }
    }
}

extension OfflineRun.Summary {
    fileprivate mutating func count(_ decisions: [Decision]) {
        for decision in decisions {
            switch decision.event {
            case .requestOpened: opened += 1
            case .requestClosed: closed += 1
            case .requestReopened: reopened += 1
            default: break
            }
        }
    }
}
