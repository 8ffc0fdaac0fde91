internal import Foundation
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Pipeline
internal import Readings
internal import ServiceLifecycle
internal import Telemetry
internal import Settings
internal import TimeBase

/// Where a changed configuration comes from, and who is told what became of it.
struct ReloadSource: Sendable {
    /// What the daemon was started with.
    var loaded: Configuration.Loaded
    /// Reads the file again.
    var load: @Sendable () throws -> Configuration.Loaded
    var bell: ReloadBell
    var notifier: SystemdNotifier
}

/// Applies a changed configuration at each SIGHUP, or names what is wrong with it and changes nothing.
///
/// ```
///   file ─▶ read, check, registry ─▶ rules, registry ─▶ mailbox ─▶ the stream, logged ─▶ commit ─▶ READY
///             │ wrong                 routes          ─▶ network threads
///             └▶ reload.refused       goals, keys     ─▶ the site
/// ```
/// Nothing is applied before everything has been read. Readings go on meanwhile: those before the change's place in the stream
/// are judged by the rules that held, those behind it by the new ones, also when they are met again after a crash.
struct Reloader: Service, CustomStringConvertible {
    /// Where the parts that change live.
    struct Parts: Sendable {
        var core: Core
        /// Sensors known in another way than by `sensors.file`.
        var registry: [Sensor]
        var connections: BrokerConnections
        var memory: SubscriptionMemory
        var live: LiveValue<Live>
        /// Changes of rules that have been committed.
        var news: RuleNews
        /// Reads keys again.
        var reloadKeys: @Sendable () async throws -> Void
        var clock: WallClock
        var logger: Logger

        /// What the pipeline needs of a configuration, with what is known of sensors by now. Reads files.
        ///
        /// - Parameter before: what holds: a sensor that the registry names no more keeps the clock that it follows.
        fileprivate func settings(
            of configuration: Configuration, behind before: PipelineConfiguration
        ) throws -> PipelineConfiguration {
            try configuration.pipelineConfiguration(
                registry: registry,
                imported: try ImportedRegistry(directory: configuration.storage.directory).sensors(),
                clocks: core.clocks + before.sensorZones.keys.sorted())
        }
    }

    /// How long a change of rules may wait for its commit before the reload is told to be done without it: the store stalls.
    private static let patience = Duration.seconds(60)

    private let source: ReloadSource
    private let parts: Parts
    private let running: LiveValue<Running>

    private struct Running: Sendable {
        var configuration: Configuration
        var rules: RuleText
        var settings: PipelineConfiguration
    }

    init(_ source: ReloadSource, parts: Parts) {
        (self.source, self.parts) = (source, parts)
        running = LiveValue(
            Running(
                configuration: source.loaded.configuration, rules: source.loaded.ruleSet, settings: parts.core.settings)
        )
    }

    var description: String { "reload" }

    func run() async throws {
        defer { source.bell.close() }
        await cancelWhenGracefulShutdown {
            for await _ in source.bell.rings {
                let wanted = source.bell.take()
                if wanted.isWhole { await reload() }
                guard !wanted.waiting.isEmpty else { continue }
                let outcome = await reloadRegistry()
                for waiter in wanted.waiting { waiter.resume(with: outcome) }
            }
        }
    }

    /// Takes the registry anew, while the configuration stays as it is.
    private func reloadRegistry() async -> Result<Void, any Error> {
        let (parts, before) = (parts, running.value)
        let began = ContinuousClock.now
        do {
            let settings = try await offPool("sluice-reload") {
                try parts.settings(of: before.configuration, behind: before.settings)
            }
            try await apply(Running(configuration: before.configuration, rules: before.rules, settings: settings))
            tellDone(since: began)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func tellDone(since began: ContinuousClock.Instant) {
        let milliseconds = (ContinuousClock.now - began).milliseconds
        parts.logger.notice("reload.done", metadata: ["ms": .stringConvertible(milliseconds)])
    }

    private func reload() async {
        source.notifier.reloading()
        let began = ContinuousClock.now
        do {
            let (loaded, fresh) = try await read()
            for (key, old, new) in source.loaded.waitingForRestart(in: loaded) {
                parts.logger.warning(
                    "reload.needs_restart",
                    metadata: ["setting": "\(key)", "running": "\(old)", "configured": "\(new)"])
            }
            try await apply(fresh)
            tellDone(since: began)
            source.notifier.ready(status: "configuration reloaded")
        } catch {
            let problems = Failure(error).sentence.split(separator: "\n").map(String.init)
            for problem in problems {
                parts.logger.error(
                    "reload.refused", metadata: ["problem": "\(problem)", "effect": "nothing has changed"])
            }
            // For systemd a reload has ended either way; the status says how.
            source.notifier.ready(
                status: "reload refused, the earlier configuration holds: \(problems.first ?? "unknown reason")")
        }
    }

    /// Everything that can fail, before anything changes.
    private func read() async throws -> (loaded: Configuration.Loaded, fresh: Running) {
        let (source, parts, before) = (source, parts, running.value)
        return try await offPool("sluice-reload") {
            let loaded = try source.load()
            for warning in loaded.warnings {
                parts.logger.warning("configuration.warning", metadata: ["problem": "\(warning)"])
            }
            let configuration = before.configuration.taking(live: loaded.configuration)
            let settings = try parts.settings(of: configuration, behind: before.settings)
            // The filters of today must be known to the next start, which else would leave them behind at the broker.
            for broker in configuration.mqtt.brokers {
                _ = try parts.memory.remember(configuration.routeTable.filters, of: broker.memoryName)
            }
            let rules = loaded.ruleSet(of: source.loaded)
            return (loaded, Running(configuration: configuration, rules: rules, settings: settings))
        }
    }

    private func apply(_ fresh: Running) async throws {
        let before = running.value
        // First what can fail: after it the new configuration holds in all its parts.
        try await parts.reloadKeys()
        running.value = fresh
        let mountings = Mountings(fresh.settings.registry)
        parts.core.registered.value = fresh.settings.registry
        LogOutput.standard.level = fresh.configuration.log.level
        parts.live.value = Live(configuration: fresh.configuration, mountings: mountings)
        let haveRulesChanged =
            !before.configuration.judges(like: fresh.configuration)
            || before.settings.registry != fresh.settings.registry
        if haveRulesChanged { try await changeRules(fresh) }
        // Behind the rules: a sensor that a new route brings is met under them, and one that was refused is asked about again.
        if before.configuration.routes != fresh.configuration.routes || haveRulesChanged {
            parts.connections.change(routes: fresh.configuration.routeTable, mountings: mountings)
        }
    }

    private func changeRules(_ fresh: Running) async throws {
        let rules = fresh.rules
        let change = RuleSwitch(rules: rules, configuration: fresh.settings, atMs: parts.clock.nowMs())
        let committed = parts.news.changes()
        guard parts.core.pipeline.mailbox.post(change) == .taken else { return }
        let isCommitted = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await change in committed where change.hash == rules.hash { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        guard !isCommitted, !Task.isCancelled else { return }
        parts.logger.warning(
            "reload.uncommitted",
            metadata: ["rules": "\(rules.hash)", "effect": "they hold, and are stored when the store can write again"])
    }
}
