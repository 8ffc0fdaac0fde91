internal import FaultSupport
internal import Foundation
internal import Simulation
internal import Synchronization
internal import TestSupport

/// The run itself: lives of the daemon, one after the other, each ended by SIGKILL.
final class Ordeal {
    /// What happened.
    struct Course: Sendable {
        var published = 0
        var kills = 0, killsAtAcknowledgement = 0, brokerKills = 0
        /// From each kill to the moment at which the next daemon was ready.
        var recoveries: [Duration] = []
        var took = Duration.zero
        /// Log lines that no kill explains.
        var complaints: [String] = []
    }

    private let site: CrashSite
    private let stream: NumberedStream
    private let kills: Int
    private var plan: KillPlan
    private let publisher: StreamPublisher
    private var course = Course()
    private let began = ContinuousClock.now

    init(site: CrashSite, stream: NumberedStream, kills: Int, killsBroker: Bool, seed: UInt64) {
        self.site = site
        self.stream = stream
        self.kills = kills
        plan = KillPlan(seed: seed, chunk: stream.count / (kills + 1), killsBroker: killsBroker)
        publisher = StreamPublisher(stream)
    }

    func run() async throws -> Course {
        defer { publisher.stop() }
        // The session has to be there first: what is published before is for nobody.
        var daemon = try site.startDaemon()
        try await daemon.becomeReady()
        publisher.start(site.publisher)
        var killedAt: ContinuousClock.Instant?
        for life in 0..<kills {
            let plan = plan.next()
            publisher.allow(upTo: stream.count / (kills + 1) * (life + 1), over: plan.spread)
            if life > 0 { daemon = try site.startDaemon(isDiskSlow: plan.isDiskSlow) }
            killedAt = try await live(plan, daemon, killedAt)
            course.kills += 1
            note(daemon)
            progress(life + 1)
        }
        publisher.allow(upTo: stream.count, over: .milliseconds(100))
        if kills > 0 { daemon = try site.startDaemon() }
        try await daemon.becomeReady()
        if let killedAt { course.recoveries.append(.now - killedAt) }
        try await settle(daemon)
        daemon.send(SIGTERM)
        let code = try await daemon.exitCode(within: .seconds(30))
        if code != 0 { course.complaints.append("the last daemon ended with \(code)") }
        note(daemon)
        course.published = publisher.delivered
        course.took = .now - began
        return course
    }

    /// One life. Returns when it ended.
    private func live(
        _ plan: KillPlan.Life, _ daemon: SluiceProcess, _ killedAt: ContinuousClock.Instant?
    ) async throws -> ContinuousClock.Instant {
        let death = killAtAcknowledgement(plan.moment, daemon)
        var wasReady = false
        if case .afterStart(let ms) = plan.moment {
            // A moment drawn by the plan, ready or not: what is under way then is what the kill is to meet.
            try await Task.sleep(for: .milliseconds(ms))
        } else {
            wasReady = try await isReady(daemon)
            if wasReady { recovered(plan, from: killedAt, to: .now) }
        }
        // Drawn as well: how far it is behind its start.
        if case .afterReady(let ms) = plan.moment { try await Task.sleep(for: .milliseconds(ms)) }
        if let death, let at = await death() {
            course.killsAtAcknowledgement += 1
            if !wasReady { recovered(plan, from: killedAt, to: at) }
            try await endBroker(plan.broker)
            _ = try await daemon.exitCode()
            return at
        }
        if plan.broker == .diesBefore { try await endBroker(plan.broker) }
        daemon.send(SIGKILL)
        let at = ContinuousClock.now
        if plan.broker != .diesBefore { try await endBroker(plan.broker) }
        let code = try await daemon.exitCode()
        if code != -SIGKILL { course.complaints.append("the daemon ended by itself with \(code)") }
        return at
    }

    /// From one kill until the next daemon was ready, or had acknowledged something before it said so.
    private func recovered(
        _ plan: KillPlan.Life, from killedAt: ContinuousClock.Instant?, to now: ContinuousClock.Instant
    ) {
        if let killedAt, !plan.isDiskSlow { course.recoveries.append(now - killedAt) }
    }

    /// Asks the proxy to kill at an acknowledgement, if that is the plan.
    ///
    /// - Returns: what waits for that moment, and comes to nil when the broker has nothing left to deliver.
    private func killAtAcknowledgement(
        _ moment: KillPlan.Moment, _ daemon: SluiceProcess
    ) -> (() async -> ContinuousClock.Instant?)? {
        let (deaths, death) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
        let pid = daemon.processID
        let end = { @Sendable in
            kill(pid, SIGKILL)
            death.yield(.now)
        }
        switch moment {
        case .atAcknowledgement(let count, let fate): site.proxy.atAcknowledgement(count, fate, end)
        case .atBatch(let messages, let fate): site.proxy.atAcknowledgement(1, of: messages, fate, end)
        case .afterStart, .afterReady: return nil
        }
        return { [proxy = site.proxy] in
            let first = { @Sendable () -> ContinuousClock.Instant? in
                for await at in deaths { return at }
                return nil
            }
            let at = try? await withDeadline(.milliseconds(1500), "an acknowledgement", first)
            // Too late to take it back: then it has just happened.
            return at == nil && !proxy.forgetAcknowledgement() ? await first() : at
        }
    }

    /// Waits until it is ready. False when it was killed before its last line was written.
    private func isReady(_ daemon: SluiceProcess) async throws -> Bool {
        do {
            try await daemon.becomeReady()
            return true
        } catch {
            guard try await daemon.exitCode() == -SIGKILL else { throw error }
            return false
        }
    }

    private func endBroker(_ how: KillPlan.Broker) async throws {
        guard how != .lives else { return }
        // Drawn by the plan: whether broker or daemon is gone first, and how long the other goes on alone.
        if how == .diesAfter { try await Task.sleep(for: .milliseconds(30)) }
        site.broker.kill()
        course.brokerKills += 1
        if how == .diesBefore { try await Task.sleep(for: .milliseconds(30)) }
        try site.broker.restart()
    }

    /// Waits until everything is published and stored, or nothing more comes.
    private func settle(_ daemon: SluiceProcess) async throws {
        try await eventually("everything is published", within: .seconds(300)) { try publisher.isDone() }
        var last = -1
        var lastChange = ContinuousClock.now
        while true {
            // Each once: rows that are stored twice stand for no other.
            let stored = try StoredStream(directory: site.data)
            let count = try stored.readingCount() < stream.count ? stored.readingCount() : stored.distinctReadingCount()
            if count >= stream.count { break }
            if count != last { (last, lastChange) = (count, .now) }
            if .now - lastChange > .seconds(10) { break }
            // Looked at from outside: the database says nothing by itself.
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    // MARK: - What people see

    private func note(_ daemon: SluiceProcess) {
        let words = ["store.row_refused", "Fatal error", "\"critical\"", "database.", "corrupt"]
        for line in daemon.output.split(separator: "\n") where words.contains(where: { line.contains($0) }) {
            course.complaints.append(String(line))
        }
    }

    private func progress(_ life: Int) {
        guard life % max(1, kills / 100) == 0 || life == kills else { return }
        let line =
            "kill \(life)/\(kills), published \(publisher.delivered)/\(stream.count), "
            + "\((ContinuousClock.now - began).components.seconds) s"
        if isatty(STDOUT_FILENO) == 1 {
            say("\r\(line)", end: life == kills ? "\n" : "")
        } else if life % max(1, kills / 20) == 0 || life == kills {
            say(line)
        }
    }
}
