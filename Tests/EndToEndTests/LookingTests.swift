import Foundation
import TestSupport
import Testing

/// Commands that only look: the daemon answers them over its socket, and where none runs they read the store themselves.
@Suite struct LookingTests {
    /// A daemon whose rule differs from the one by which the stored request was raised.
    private static func site() async throws -> DaemonProcessTests.Site {
        let site = try DaemonProcessTests.Site()
        try site.configure(extra: "rules: {bin-fire: {clear: 2h}}")
        let files = try CommandTests.recordings(in: site.folder)
        let ran = try await SluiceProcess.run(["replay", "--data", "\(site.folder)/data"] + files)
        try #require(ran.code == 0, "\(ran.output)")
        return site
    }

    @Test func theDaemonAndTheStoreSayTheSame() async throws {
        let site = try await Self.site()
        // Not the requests' JSON, to which housekeeping adds what it has counted meanwhile.
        let commands = [
            ["requests", "list", "--status", "all"], ["requests", "show", "1"], ["sensors", "list"],
            ["sensors", "show", "bin-2", "--json"], ["sensors", "export"], ["outbox", "list"],
            ["outbox", "list", "--json"], ["assets", "list"], ["budget", "--service", "bin-full", "--per-day", "1"],
            ["requests", "show", "99"], ["explain", "99"], ["sensors", "show", "nobody"], ["outbox", "show", "99"],
        ]
        func answers() async throws -> [String] {
            var answers: [String] = []
            for command in commands {
                let ran = try await SluiceProcess.run(command + ["--data", "\(site.folder)/data"])
                answers.append("\(command.joined(separator: " ")): \(ran.code)\n\(ran.output)")
            }
            return answers
        }
        let daemon = try await site.started()
        let told = try await answers()
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let read = try await answers()
        for (told, read) in zip(told, read) { #expect(told == read) }
        #expect(told.prefix(9).allSatisfy { $0.contains(": 0\n") }, "\(told)")
        #expect(told.suffix(4).allSatisfy { $0.contains(": 66\n") && $0.contains("there is no") }, "\(told)")
    }

    /// Mistyped, a name is told as such, with those that there are: by the daemon as by the store.
    @Test func aNameThatNothingHasIsAnError() async throws {
        let site = try await Self.site()
        let services = "there are bin-full, sensor-fault, traffic-anomaly, water-leak"
        let commands = [
            (["requests", "list", "--service", "zz"], "there is no service zz; \(services)"),
            (["budget", "--service", "zz", "--per-day", "1"], "there is no service zz; \(services)"),
            (["outbox", "list", "--destination", "nope"], "there is no destination nope; there is none"),
            (["outbox", "retry", "--destination", "nope"], "there is no destination nope; there is none"),
            (["outbox", "discard", "--destination", "nope"], "there is no destination nope; there is none"),
        ]
        func check() async throws {
            for (command, sentence) in commands {
                let (code, output) = try await SluiceProcess.run(command + ["--data", "\(site.folder)/data"])
                #expect(code == 64 && output.contains(sentence), "\(command): \(code), \(output)")
            }
        }
        try await check()
        let daemon = try await site.started()
        try await check()
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
    }

    /// SIGSTOP stands for whatever makes a daemon hang: its socket takes the question, and nobody reads it.
    @Test func aDaemonThatDoesNotAnswerIsNamed() async throws {
        let site = try await Self.site()
        let daemon = try await site.started()
        daemon.send(SIGSTOP)
        let command = try SluiceProcess(["requests", "list", "--status", "all", "--data", "\(site.folder)/data"])
        _ = try await command.line { $0.contains("the daemon has not answered for 5 s; still waiting") }
        daemon.send(SIGCONT)
        #expect(try await command.exitCode() == 0)
        #expect(command.output.contains("Bin on fire: bin-2"), "\(command.output)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
    }

    @Test func anExplanationComparesWithTheRulesOfTheRunningDaemon() async throws {
        let site = try await Self.site()
        func explained(_ more: [String] = []) async throws -> String {
            let ran = try await SluiceProcess.run(["explain", "1", "--data", "\(site.folder)/data"] + more)
            #expect(ran.code == 0, "\(ran.output)")
            return ran.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let daemon = try await site.started()
        #expect(try await explained().contains("The rule has changed since"))
        let former = "\(site.folder)/former.yaml"
        // What the file says besides the rules is the caller's affair, and nothing of it is opened.
        try "sensors: {file: \(site.folder)/sensors.csv}".write(toFile: former, atomically: true, encoding: .utf8)
        try "sensor_id,kind\n".write(toFile: "\(site.folder)/sensors.csv", atomically: true, encoding: .utf8)
        #expect(try await explained(["--config", former]).contains("The rule has not changed since"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        #expect(try await explained().contains("The rule has not changed since"))
        let stricter = "\(site.folder)/stricter.yaml"
        try "rules: {bin-fire: {clear: 2h}}".write(toFile: stricter, atomically: true, encoding: .utf8)
        #expect(try await explained(["--config", stricter]).contains("The rule has changed since"))
    }
}
