internal import ArgumentParser
internal import Foundation
internal import Glibc

/// `sluice top`: how the daemon does, at a look.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch how the daemon does.",
        discussion: """
            Rates, lag, ring, commit times, the busiest and the noisiest sensors, quarantine, and what is wrong. Asks \
            the daemon on this machine over its local socket. Ctrl-C ends it.

            Examples:
              sluice top
              sluice top --once
              sluice top --json | jq '.latencies'
            """)

    @OptionGroup var data: DataOptions

    @Option(help: "Seconds between two looks.")
    var interval = 2

    @Flag(help: "Look once, and leave the screen as it is.")
    var once = false

    @Flag(help: "Look once, as JSON for machines.")
    var json = false

    func validate() throws {
        try check("--interval", interval, in: 1...3600)
    }

    func run() async throws {
        try await Failure.report {
            let client = try data.client()
            if json { return try Terminal.sayJSON(try await Self.look(client)) }
            guard !once, Terminal.isOutputInteractive else {
                for line in TopPage(try await Self.look(client), since: nil).lines { Terminal.say(line) }
                return
            }
            try await watch(client)
        }
    }

    private func watch(_ client: LocalClient) async throws {
        let watch = ShutdownWatch()
        defer { withExtendedLifetime(watch) {} }
        let screen = FullScreen()
        defer { screen.leave() }
        var earlier: OperationsFigures?
        while !watch.stop.isRaised {
            do {
                let now = try await Self.look(client)
                // After a restart of the daemon its counts begin anew.
                if let past = earlier, past.upMs > now.upMs { earlier = nil }
                screen.show(TopPage(now, since: earlier).lines)
                earlier = now
            } catch let error as LocalError where ["no_daemon", "unreachable"].contains(error.code) {
                screen.show(["sluice: \(error); waiting for it"])
                earlier = nil
            }
            for _ in 0..<interval * 10 where !watch.stop.isRaised { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    private static func look(_ client: LocalClient) async throws -> OperationsFigures {
        let figures: OperationsFigures?
        do {
            figures = try await client.askDaemon("top.read", LocalNothing(), for: OperationsFigures.self)
        } catch let error as LocalError where error.code == "hung_up" {
            figures = nil
        }
        guard let figures else {
            throw LocalError(code: "no_daemon", "no daemon holds \(client.socket.directory); start it first")
        }
        return figures
    }
}

/// A terminal's second screen, which leaves the first one as it was.
private struct FullScreen {
    init() { Terminal.write("\u{1B}[?1049h\u{1B}[?25l", to: STDOUT_FILENO) }

    /// Draws the lines that fit, over what was there: nothing flickers.
    func show(_ lines: [String]) {
        var size = winsize()
        let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0
        let height = isKnown ? Int(size.ws_row) : 24
        let shown = lines.prefix(max(1, height - 1)).map { "\($0)\u{1B}[K\r\n" }.joined()
        // Lines longer than the terminal is wide are cut off, not wrapped.
        Terminal.write("\u{1B}[?7l\u{1B}[H\(shown)\u{1B}[J\u{1B}[?7h", to: STDOUT_FILENO)
    }

    func leave() { Terminal.write("\u{1B}[?25h\u{1B}[?1049l", to: STDOUT_FILENO) }
}
