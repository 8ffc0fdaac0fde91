import Foundation
import GRDB
import TestSupport
import Testing

/// What people and other systems write, as they meet it: the executable, its commands, a real broker, HTTP.
@Suite struct CivicTests {
    typealias Site = DaemonProcessTests.Site

    /// Runs a command on the site's data and expects it to succeed; returns what it said.
    @discardableResult static func command(_ site: Site, _ arguments: String...) async throws -> String {
        let run = try await SluiceProcess.run(arguments + ["--data", "\(site.folder)/data"])
        #expect(run.code == 0, "sluice \(arguments.joined(separator: " ")): \(run.output)")
        return run.output
    }

    /// Makes a key and returns it.
    static func key(
        _ site: Site, named name: String = "clerk", roles: [String] = ["report", "update"]
    ) async throws -> String {
        let run = try await SluiceProcess.run(
            ["keys", "add", name] + roles.flatMap { ["--role", $0] } + ["--json", "--data", "\(site.folder)/data"])
        // Where there was no store, a line before it says where one was made.
        let json = run.output.drop { $0 != "{" }
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        return try #require(object?["secret"] as? String, "\(run.output)")
    }

    static func report(
        _ site: Site, _ form: [String: String], headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        let standard = [
            "service_code": "water-leak", "lat": "52.5", "long": "-1.88", "description": "Water in the road",
        ]
        return try await HTTPAnswer.post(
            "\(site.address)/open311/v2/requests.json", form: standard.merging(form) { $1 }, headers: headers)
    }

    static func id(_ answer: HTTPAnswer) throws -> String {
        try #require(answer.objects.first?["service_request_id"] as? String, "\(answer.status) \(answer.text)")
    }

    static func requests(_ site: Site) async throws -> [[String: Any]] {
        try await HTTPAnswer.get("\(site.address)/open311/v2/requests.json").objects
    }

    @Test func aReportIsFiledByAKeyThatWasMadeMeanwhile() async throws {
        let site = try Site()
        let daemon = try await site.started()
        #expect(try await Self.report(site, [:]).status == 403)
        #expect(try await Self.report(site, ["api_key": "slk_wrong"]).status == 403)
        let key = try await Self.key(site)
        let id = try Self.id(
            await Self.report(site, ["api_key": key, "email": "mary@example.org", "first_name": "Zyxwv"]))
        let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests/\(id).json?extensions=true")
        #expect(shown.objects.first?["description"] as? String == "Water in the road")
        #expect(shown.objects.first?["lat"] as? Double == 52.5)
        #expect(!shown.text.contains("mary@example.org") && !shown.text.contains("Zyxwv"))

        let update = try await HTTPAnswer.post(
            "\(site.address)/open311/v2/servicerequestupdates.json",
            form: [
                "api_key": key, "service_request_id": id, "status": "IN_PROGRESS",
                "description": "A crew is on its way",
                "updated_datetime": ISO8601DateFormatter().string(from: Date()), "update_id": "77",
            ])
        #expect(update.status == 200, "\(update.text)")
        let notes = try await HTTPAnswer.get("\(site.address)/open311/v2/servicerequestupdates.json")
        #expect(notes.objects.contains { $0["status"] as? String == "in_progress" }, "\(notes.text)")

        #expect(try await Self.command(site, "keys", "list").contains("clerk"))
        let erased = try await Self.command(site, "privacy", "erase", "--email", "MARY@example.org")
        #expect(erased.contains("1 reporter erased"))
        let nobody = try await Self.command(site, "privacy", "erase", "--request", id)
        #expect(nobody.contains("0 reporters erased"))
        try await Self.command(site, "keys", "revoke", "clerk")
        #expect(try await Self.report(site, ["api_key": key]).status == 403)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func aReportSaidAgainIsTheSameRequestAlsoAfterAKill() async throws {
        let site = try Site()
        let first = try await site.started()
        let key = try await Self.key(site)
        let form = ["api_key": key]
        let name = ["Idempotency-Key": "7f3a"]
        let id = try Self.id(await Self.report(site, form, headers: name))
        #expect(try Self.id(await Self.report(site, form, headers: name)) == id)
        first.send(SIGKILL)
        try await first.expectExit(-9)
        let second = try await site.started()
        #expect(try Self.id(await Self.report(site, form, headers: name)) == id)
        // Without a name of its own a double click is one report, and another report another.
        let unnamed = try Self.id(await Self.report(site, form.merging(["description": "A fountain"]) { $1 }))
        #expect(try Self.id(await Self.report(site, form.merging(["description": "A fountain"]) { $1 })) == unnamed)
        #expect(unnamed != id)
        #expect(try await Self.requests(site).count == 2)
        second.send(SIGTERM)
        try await second.expectExit(0)
    }

    @Test func whileTheStoreCannotWriteReportsAreTurnedAwayAndThenFiledOnce() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let key = try await Self.key(site)
        let known = try Self.id(await Self.report(site, ["api_key": key, "lat": "52.6"]))
        var unhurried = Configuration()
        unhurried.allowsUnsafeTransactions = true
        unhurried.busyMode = .timeout(60)
        let other = try DatabaseQueue(path: "\(site.folder)/data/sluice.db", configuration: unhurried)
        try await other.writeWithoutTransaction { db in try db.beginTransaction(.immediate) }
        let said: [@Sendable () async throws -> HTTPAnswer] = [
            { try await Self.report(site, ["api_key": key]) },
            {
                try await HTTPAnswer.post(
                    "\(site.address)/open311/v2/requests.xml",
                    form: ["api_key": key, "service_code": "water-leak", "lat": "52.7", "long": "-1.88"])
            },
            {
                try await HTTPAnswer.post(
                    "\(site.address)/open311/v2/servicerequestupdates.json",
                    form: ["api_key": key, "service_request_id": known, "description": "Seen", "status": "PLANNED"])
            },
        ]
        // As the specification has errors, in either format, and with a time to come again.
        for (say, isXML) in zip(said, [false, true, false]) {
            let refused = try await say()
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused.retryAfter.flatMap(Int.init).map { (1...60).contains($0) } == true)
            #expect(refused.text.contains("Send the same again: it will be filed once."))
            if isXML {
                #expect(refused.type == "text/xml; charset=utf-8")
                #expect(refused.text.contains("<errors><error><code>503</code><description>"), "\(refused.text)")
            } else {
                #expect(refused.objects.first?["code"] as? Int == 503, "\(refused.text)")
            }
        }
        try await other.writeWithoutTransaction { db in try db.rollback() }
        // Said again until each is taken, and once more.
        for say in said {
            try await eventually("it is taken") { try await say().status == 200 }
            let again = try await say()
            #expect(again.status == 200, "\(again.text)")
        }
        #expect(try await Self.requests(site).count == 3)
        let updates = try await HTTPAnswer.get(
            "\(site.address)/open311/v2/servicerequestupdates.json?service_request_id=\(known)")
        #expect(updates.objects.map { $0["status"] as? String } == ["open", "planned"], "\(updates.text)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func whatWasTakenAndNotYetFiledIsFiledByTheNextStart() async throws {
        let site = try Site()
        let first = try await site.started()
        let key = try await Self.key(site)
        let id = try Self.id(await Self.report(site, ["api_key": key]))
        first.send(SIGTERM)
        try await first.expectExit(0)
        // As a kill between the two would have left it.
        let database = try DatabaseQueue(path: "\(site.folder)/data/sluice.db")
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO submission (at, key_id, idempotency, token, body)
                    SELECT at, key_id, randomblob(32), 'waiting',
                        (SELECT replace(replace(body, '"ticket":1', '"ticket":2'), 'Water in', 'More water in')
                         FROM stream_command WHERE body LIKE '%"ticket":1,%' OR body LIKE '%"ticket":1}%')
                    FROM submission
                    """)
        }
        try database.close()
        let second = try await site.started()
        let answer = try await HTTPAnswer.poll(
            "\(site.address)/open311/v2/tokens/waiting.json", within: .seconds(20)
        ) { $0.objects.first?["service_request_id"] is String }
        #expect(try Self.id(answer) != id)
        #expect(try await Self.requests(site).contains { $0["description"] as? String == "More water in the road" })
        #expect(try await HTTPAnswer.get("\(site.address)/open311/v2/tokens/other.json").status == 404)
        second.send(SIGTERM)
        try await second.expectExit(0)
    }

    /// Each duty of the desk is done whatever keeps it from the others: a submission that nobody can read must not keep people's
    /// names any longer than was promised.
    @Test func reportersAreErasedThoughASubmissionCannotBeRead() async throws {
        let site = try Site()
        let first = try await site.started()
        let key = try await Self.key(site)
        _ = try Self.id(await Self.report(site, ["api_key": key, "email": "mary@example.org"]))
        first.send(SIGTERM)
        try await first.expectExit(0)
        let database = try DatabaseQueue(path: "\(site.folder)/data/sluice.db")
        defer { try? database.close() }
        try await database.write { db in
            try db.execute(
                sql: """
                    UPDATE reporter SET created_at = created_at - 31 * 86400000;
                    INSERT INTO submission (at, key_id, idempotency, body) VALUES (0, 1, randomblob(32), 'not JSON');
                    """)
        }
        let second = try await site.started()
        try await eventually("the reporter is erased") {
            try await database.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM reporter") } == 0
        }
        // The one that cannot be read is told of, by the duty that it keeps from being done.
        _ = try await second.line { $0.contains("desk.round_failed") && $0.contains("post what waits") }
        second.send(SIGTERM)
        try await second.expectExit(0)
    }

    @Test func keysAreMadeWithoutADaemonToo() async throws {
        let site = try Site()
        let key = try await Self.key(site)
        #expect(try await Self.command(site, "keys", "list").contains("clerk"))
        let again = try await SluiceProcess.run(["keys", "add", "clerk", "--data", "\(site.folder)/data"])
        #expect(again.code == 65)
        #expect(again.output.contains("a key named clerk exists"))
        let daemon = try await site.started()
        _ = try Self.id(await Self.report(site, ["api_key": key]))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func assetsAreImportedAndReportsStandAtThem() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let key = try await Self.key(site)
        let file = "\(site.folder)/assets.csv"
        try "id,kind,lat,lon,address\nbin-1,bin,52.51,-1.9,\"1 High Street\"\nbin-2,bin,north,-1.9,\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        let bad = try await SluiceProcess.run(["assets", "import", file, "--data", "\(site.folder)/data"])
        #expect(bad.code == 65)
        #expect(bad.output.contains("line 3: lat and lon"), "\(bad.output)")
        try "id,kind,lat,lon,address\nbin-1,bin,52.51,-1.9,\"1 High Street\"\nhydrant-1,hydrant,52.6,-1.8,\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        try await Self.command(site, "assets", "import", file)
        try await Self.command(site, "assets", "adopt", "bin-1", "--name", "Mary Zyxwv", "--mqtt", "stewards/mary")

        let answer = try await HTTPAnswer.get("\(site.address)/api/assets?bbox=-2,52,-1.85,53")
        let assets = (answer.json as? [String: Any])?["assets"] as? [[String: Any]] ?? []
        #expect(assets.map { $0["id"] as? String } == ["bin-1"])
        #expect(assets.first?["has_steward"] as? Bool == true)
        #expect(!answer.text.contains("Zyxwv") && !answer.text.contains("stewards/"))
        #expect(try await HTTPAnswer.get("\(site.address)/api/assets?bbox=1,2").status == 400)

        let placed = try await HTTPAnswer.post(
            "\(site.address)/open311/v2/requests.json",
            form: ["api_key": key, "service_code": "bin-full", "service_object_id": "bin-1", "description": "Full"])
        let shown = try await HTTPAnswer.get("\(site.address)/open311/v2/requests/\(try Self.id(placed)).json")
        #expect(shown.objects.first?["lat"] as? Double == 52.51)
        #expect(shown.objects.first?["address"] as? String == "1 High Street")
        let nowhere = try await HTTPAnswer.post(
            "\(site.address)/open311/v2/requests.json",
            form: ["api_key": key, "service_code": "bin-full", "service_object_id": "bin-9", "description": "Full"])
        #expect(nowhere.status == 400)
        #expect(try await Self.command(site, "assets", "export").contains("hydrant-1,hydrant,52.6,-1.8"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
    }

    @Test func aKeylessServerBeyondThisMachineIsRefused() async throws {
        let site = try Site()
        try site.configure()
        let text = try String(contentsOfFile: site.configuration, encoding: .utf8)
        let open = text.replacing("http:\n", with: "http:\n  host: 0.0.0.0\n  writing: open\n")
        try open.write(toFile: site.configuration, atomically: true, encoding: .utf8)
        let run = try await SluiceProcess.run(["run", "--config", site.configuration])
        #expect(run.code == 78)
        #expect(run.output.contains("http.writing: open lets everybody"), "\(run.output)")
    }

    @Test func onlyTheDaemonOfTheDirectoryAnswersItsCommands() async throws {
        let site = try Site()
        let daemon = try await site.started()
        let socket = "\(site.folder)/data/sluice.sock"
        let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
        #expect(mode == 0o660)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0)
        #expect(!FileManager.default.fileExists(atPath: socket))
        // A socket that a kill has left behind keeps nobody from opening the store.
        let killed = try await site.started()
        killed.send(SIGKILL)
        try await killed.expectExit(-9)
        #expect(FileManager.default.fileExists(atPath: socket))
        #expect(try await Self.command(site, "keys", "list").contains("0 keys"))
        let again = try await site.started()
        #expect(try await Self.command(site, "keys", "list").contains("0 keys"))
        again.send(SIGTERM)
        try await again.expectExit(0)
    }
}
