import FaultSupport
import Foundation
import TestSupport
import Testing

/// What systemd is told, and that it is told nothing good of a daemon whose threads are stuck.
@Suite(.timeLimit(.minutes(3))) struct WatchdogTests {
    private func environment(_ socket: NotifySocket, watchdogSeconds: Int) -> [String: String] {
        ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "\(watchdogSeconds * 1_000_000)"]
    }

    @Test func systemdHearsOfStartReloadAndStop() async throws {
        let site = try FaultSite()
        let socket = try NotifySocket(in: site.folder)
        let daemon = try await site.start(environment: environment(socket, watchdogSeconds: 60))
        var said: [String] = []
        func hear(_ what: String) async throws {
            try await eventually("“\(what)” among \(said)") {
                said += socket.said()
                return said.contains { $0.contains(what) }
            }
        }
        try await hear("READY=1\nSTATUS=serving on port \(site.port)")
        try await hear("WATCHDOG=1")
        said = []
        daemon.send(SIGHUP)
        try await hear("RELOADING=1\nMONOTONIC_USEC=")
        try await hear("READY=1\nSTATUS=configuration reloaded")
        try site.configure(extra: "no_such_group: 1")
        daemon.send(SIGHUP)
        try await hear("READY=1\nSTATUS=reload refused, the earlier configuration holds")
        daemon.send(SIGTERM)
        try await hear("STOPPING=1\nSTATUS=")
        #expect(try await daemon.exitCode() == 0)
    }

    @Test(.enabled(if: SystemCallFault.isPossible, "strace may not trace here"))
    func aPipelineThatIsStuckStarvesTheWatchdog() async throws {
        let site = try FaultSite()
        let socket = try NotifySocket(in: site.folder)
        let daemon = try await site.start(environment: environment(socket, watchdogSeconds: 8))
        let pipeline = try #require(try daemon.thread(named: "sluice-pipeline"))
        // The thread's next system call, when it goes to sleep, takes a minute.
        let fault = try await SystemCallFault(
            inThread: pipeline, "all", "delay_enter=60000000", folder: site.folder)
        let line = try await daemon.event("watchdog.stuck")
        #expect(line.contains("\"thread\":\"pipeline\""))
        _ = socket.said()
        // Everything else goes on, the watchdog's rounds too: they say nothing any more.
        let live = try await HTTPAnswer.get("\(site.address)/health/live")
        #expect(live.status == 503)
        #expect(live.text.contains("\"live\":false"))
        #expect(live.text.contains("{\"name\":\"thread:pipeline\",\"ok\":false,\"detail\":\"stuck"), "\(live.text)")
        #expect(live.text.contains("{\"name\":\"thread:store\",\"ok\":true"), "\(live.text)")
        #expect(socket.said().isEmpty)
        try await fault.end()
        try await daemon.event("watchdog.recovered")
        _ = try await HTTPAnswer.poll("\(site.address)/health/live", within: .seconds(20)) { $0.status == 200 }
        // What systemd would have done by now.
        daemon.send(SIGKILL)
        #expect(try await daemon.exitCode() == -SIGKILL)
    }
}
