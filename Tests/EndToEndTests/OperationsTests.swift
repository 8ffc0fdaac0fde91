import Daemon
import Foundation
import GRDB
import Telemetry
import TestSupport
import Testing

/// What those who run the daemon look at: its log, `sluice tail`, the quarantine.
@Suite struct OperationsTests {
    typealias Site = DaemonProcessTests.Site

    private static func bad(_ site: Site, _ names: [String]) throws {
        try site.publish(names.map { ("sluice/water-leak/\($0)", Array("{bad".utf8)) })
    }

    // MARK: Tail

    enum Way: String, CaseIterable { case socket, http }

    @Test(arguments: Way.allCases) func tailGoesOnOverAKillWithoutGapOrDouble(way: Way) async throws {
        let site = try Site()
        let daemon = try await site.started()
        let place = way == .socket ? ["--data", "\(site.folder)/data"] : ["--address", site.address]
        let tail = try SluiceProcess(["tail", "--since", "1h", "--level", "debug", "--json"] + place)
        try Self.bad(site, ["one", "two"])
        _ = try await tail.line { $0.contains("sluice/water-leak/two") }
        daemon.send(SIGKILL)
        try await daemon.expectExit(-SIGKILL)
        let again = try await site.started()
        try Self.bad(site, ["three"])
        _ = try await tail.line { $0.contains("sluice/water-leak/three") }
        let records = tail.output.split(separator: "\n").compactMap { LogRecord(json: String($0)) }
        let numbers = records.compactMap(\.sequence)
        #expect(numbers == Array(1...Int64(numbers.count)), "\(tail.output)")
        #expect(records.count { $0.event == "daemon.starting" } == 2)
        tail.send(SIGTERM)
        again.send(SIGTERM)
        try await again.expectExit(0, within: .seconds(10))
    }

    @Test func tailShowsWhatIsAskedForAndSaysWhatIsWrong() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try Self.bad(site, ["one", "two", "three"])
        _ = try await daemon.line { $0.contains("sluice/water-leak/three") }
        let run = try await SluiceProcess.run([
            "tail", "--since", "1h", "--no-follow", "--data", "\(site.folder)/data", "--where",
            "event = message.* and topic ~ WATER-LEAK/T and not quarantine = 2",
        ])
        #expect(run.code == 0)
        #expect(run.output.split(separator: "\n").count == 1, "\(run.output)")
        #expect(run.output.contains("WARN  message.quarantined"))
        #expect(run.output.contains("quarantine=3 reason=not_json topic=sluice/water-leak/three"))
        let wrong = try await SluiceProcess.run(["tail", "--where", "event =", "--data", "\(site.folder)/data"])
        #expect(wrong.code != 0)
        #expect(wrong.output.contains("a value must stand behind “event =”"))
        for (query, status) in [
            ("since_ms=60000&limit=1", 200), ("level=loud", 400), ("where=(", 400), ("position=x", 400),
        ] {
            #expect(try await HTTPAnswer.get("\(site.address)/api/log?\(query)").status == status, "\(query)")
        }
        // The files can be read when nobody runs.
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let after = try await SluiceProcess.run([
            "tail", "--since", "1h", "--no-follow", "--data", "\(site.folder)/data", "--where",
            "event = daemon.stopped",
        ])
        #expect(after.output.contains("daemon.stopped"))
    }

    // MARK: The log

    @Test func everyLineOfADaemonIsAsTheCatalogueSays() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try Self.bad(site, ["one"])
        let aheadS = Int(Date.now.timeIntervalSince1970) + 86_400
        try site.publish([
            ("sluice/bin-fill/ahead", Array("{\"ts\":\(aheadS),\"value\":1}".utf8)),
            ("sluice/bin-fill/late", Array("{\"ts\":1777600600,\"value\":20}".utf8)),
            ("sluice/bin-fill/late", Array("{\"ts\":1777600000,\"value\":10}".utf8)),
        ])
        _ = try await daemon.line { $0.contains("\"reading.late\"") }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let lines = daemon.output.split(separator: "\n").map(String.init)
        var seen: Set<String> = []
        for line in lines {
            let record = try #require(LogRecord(json: line), "no event: \(line)")
            seen.insert(record.event)
            let known = try #require(EventCatalog.event(named: record.event), "\(record.event)")
            #expect(known.levels.contains(record.level), "\(line)")
            for (name, value) in record.fields where name != "repeated" {
                let field = try #require(known.fields.first { $0.name == name }, "\(record.event) has no \(name)")
                let isRight =
                    switch (field.kind, value) {
                    case (.text, .text), (.integer, .whole), (.number, .number), (.number, .whole), (.truth, .truth):
                        true
                    default: false
                    }
                #expect(isRight, "\(line): \(name) is no \(field.kind.rawValue)")
            }
        }
        #expect(
            seen.isSuperset(of: ["message.quarantined", "reading.clamped", "reading.late", "sensor.adopted"]), "\(seen)"
        )
    }

    // MARK: Quarantine

    @Test func quarantinedMessagesAreListedShownTriedAgainAndDiscarded() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try site.publish([
            ("sluice/water-leak/one", Array("{bad".utf8)), ("sluice/water-leak/two", [0xFF, 0x00, 0x1B]),
            ("sluice/hut/three", Array("{\"ts\":1777600000,\"value\":10}".utf8)),
        ])
        _ = try await daemon.line { $0.contains("sluice/hut/three") }
        func command(_ arguments: String...) async throws -> String {
            let run = try await SluiceProcess.run(["quarantine"] + arguments + ["--data", "\(site.folder)/data"])
            #expect(run.code == 0, "\(arguments): \(run.output)")
            return run.output
        }
        #expect(try await command("list").contains("3 messages in quarantine"))
        #expect(try await command("list", "--topic", "/two", "--json").contains("\"payload\":\"/wAb\""))
        #expect(try await command("show", "2").contains("000000  ff 00 1b"))
        #expect(try await command("retry", "1", "99").contains("99  stays: there is no message of this number"))
        #expect(try await command("discard", "1", "2").contains("2 messages discarded"))
        #expect(try await command("list").contains("1 message in quarantine"))
        let wrong = try await SluiceProcess.run(["quarantine", "discard", "--data", "\(site.folder)/data"])
        #expect(wrong.code != 0)
        #expect(wrong.output.contains("say which"))
        // Without a daemon the store is opened; what needs the routes of a running one says so.
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        #expect(try await command("list").contains("1 message in quarantine"))
        let retry = try await SluiceProcess.run(["quarantine", "retry", "--all", "--data", "\(site.folder)/data"])
        #expect(retry.code != 0)
        #expect(retry.output.contains("needs the daemon"))
        #expect(try await command("discard", "--all").contains("1 message discarded"))
    }

    /// The thread that commits is neither asked nor kept.
    @Test func theQuarantineIsLookedAtWhileNothingCanBeWritten() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try Self.bad(site, ["one", "two"])
        _ = try await daemon.line { $0.contains("sluice/water-leak/two") }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(60)
        let other = try DatabaseQueue(path: "\(site.folder)/data/sluice.db", configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        for (arguments, text) in [(["list"], "2 messages in quarantine"), (["show", "2"], "sluice/water-leak/two")] {
            let run = try await SluiceProcess.run(["quarantine"] + arguments + ["--data", "\(site.folder)/data"])
            #expect(run.code == 0 && run.output.contains(text), "\(run.output)")
        }
        try await other.writeWithoutTransaction { try $0.rollback() }
        try other.close()
    }

    // MARK: Figures and health

    /// A site whose daemon sends its own message each second; `access` is the broker's list of who may what.
    private static func site(access: String) throws -> Site {
        let site = try Site(
            broker: TestBroker(lines: ["acl_file DIR/acl"]) { directory in
                try access.write(toFile: "\(directory)/acl", atomically: true, encoding: .utf8)
            })
        try site.configure(extra: "operations:\n  canary: 1s")
        return site
    }

    @Test func ourOwnMessageGoesThroughTheBrokerAndTheStoreAndIsNoReading() async throws {
        let site = try Self.site(access: "user tester\ntopic readwrite #\ntopic read $SYS/#\n")
        let daemon = try await site.started()
        _ = try await HTTPAnswer.poll("\(site.address)/health/ready", within: .seconds(30)) {
            $0.status == 200 && $0.text.contains("\"canary:broker\"")
                && $0.text.contains("came back through the broker")
        }
        let metrics = try await HTTPAnswer.get("\(site.address)/metrics").text
        #expect(!metrics.contains("sluice_mqtt_canary_seconds_count{broker=\"broker\"} 0"))
        #expect(metrics.contains("sluice_mqtt_messages_total{broker=\"broker\"} 0"))
        #expect(metrics.contains("sluice_readings_total 0"))
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
    }

    @Test func itsAbsenceMakesTheDaemonUnreadyAndSaysWhy() async throws {
        let site = try Self.site(access: "user tester\ntopic readwrite sluice/#\n")
        let daemon = try await site.started()
        let answer = try await HTTPAnswer.poll("\(site.address)/health/ready", within: .seconds(30)) {
            $0.status == 503 && $0.text.contains("the broker refuses it")
        }
        #expect(answer.text.contains("let Sluice write and read sluice-canary/#"))
        #expect(try await HTTPAnswer.get("\(site.address)/health/live").status == 200)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
    }

    /// Queues no more than two messages for a subscriber who is away, and says how many it has dropped each second.
    @Test func whatTheBrokerHasDroppedIsWatched() async throws {
        let broker = try TestBroker(lines: ["sys_interval 1", "max_queued_messages 2"])
        let site = try Site(broker: broker)
        let daemon = try await site.started()
        do { _ = try Subscriber(broker.session(clientID: "absent"), topics: ["elsewhere/#"], isRemembered: true) }
        try await eventually("the subscriber has gone") { broker.logCount("Client absent disconnected") > 0 }
        for (count, total) in [(12, 10), (5, 15)] {
            try site.publish((0..<count).map { ("elsewhere/\($0)", [0x30]) })
            _ = try await site.metric("sluice_mqtt_broker_dropped_messages{broker=\"broker\"} \(total)")
            // Behind the metric, and perhaps in two steps: the broker looks when it pleases.
            _ = try await daemon.line { $0.contains("\"mqtt.broker_dropped\"") && $0.contains("\"total\":\(total)") }
        }
        let told = daemon.output.split(separator: "\n").compactMap { LogRecord(json: String($0)) }
            .filter { $0.event == "mqtt.broker_dropped" }
        // The first says only the total: how many of them are news is not known.
        let news = told.reduce(Int64(0)) { sum, record in
            guard case .whole(let count)? = record.fields["messages"] ?? record.fields["total"] else { return sum }
            return sum + count
        }
        #expect(news == 15, "\(told)")
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
    }

    @Test func theWebServersCertificateIsWarnedOfBeforeItEndsAndAWrongOneStopsTheStart() async throws {
        let site = try Site()
        // Good for two days.
        try TestBroker.makeCertificates(for: "127.0.0.1", in: site.folder)
        let environment = [
            "SLUICE_HTTP_TLS_CERTIFICATE_FILE": "\(site.folder)/server.pem",
            "SLUICE_HTTP_TLS_KEY_FILE": "\(site.folder)/server.key",
        ]
        let daemon = try await site.started(environment: environment)
        _ = try await daemon.line { $0.contains("\"http.certificate_expires\"") && $0.contains("\"days_left\":") }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let wrong = try site.run(environment: environment.merging(["SLUICE_HTTP_TLS_KEY_FILE": #filePath]) { $1 })
        try await wrong.expectExit(78)
        #expect(wrong.output.contains("http.tls: \(#filePath) must hold a private key"), "\(wrong.output)")

        let file = "\(site.folder)/tls.yaml"
        try "http: {tls: {certificate_file: \(site.folder)/server.pem, key_file: \(#filePath)}}\n".write(
            toFile: file, atomically: true, encoding: .utf8)
        let checked = try await SluiceProcess.run(["check", file])
        #expect(checked.code == 78)
        #expect(checked.output.contains("http.tls: \(#filePath) must hold a private key"), "\(checked.output)")
    }

    @Test func topShowsWhatHappens() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try site.publish(
            (0..<20).map {
                ("sluice/bin-fill/bin-\($0 % 2)", Array("{\"ts\":\(1_777_600_000 + $0),\"value\":\($0)}".utf8))
            }
                + [
                    ("sluice/bin-fill/bin-1", Array("{\"ts\":1777500000,\"value\":1}".utf8)),
                    ("sluice/bin-fill/x", [0x7B]),
                ])
        _ = try await site.metric("sluice_readings_total 21")
        _ = try await daemon.line { $0.contains("message.quarantined") }
        _ = try await daemon.line { $0.contains("mqtt.caught_up") }
        let json = try await SluiceProcess.run(["top", "--json", "--data", "\(site.folder)/data"])
        #expect(json.code == 0, "\(json.output)")
        let parsed = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let figures = try #require(parsed as? [String: Any])
        let counts = try #require(figures["counts"] as? [String: Any])
        #expect(counts["readings"] as? Int == 21)
        #expect(counts["late"] as? Int == 1)
        #expect(counts["quarantined"] as? Int == 1)
        #expect((figures["noisiest"] as? [[String: Any]])?.first?["id"] as? String == "bin-1")
        #expect((figures["busiest"] as? [[String: Any]])?.map { $0["readings"] as? Int } == [11, 10])
        let page = try await SluiceProcess.run(["top", "--once", "--data", "\(site.folder)/data"])
        #expect(page.code == 0)
        for text in ["ready", "broker to commit", "bin-0", "quarantine  not_json 1", "caught up"] {
            #expect(page.output.contains(text), "\(text) in \(page.output)")
        }
        #expect(!page.output.contains("\u{1B}"), "no escapes on a pipe")
        #expect(try await HTTPAnswer.get("\(site.address)/api/top").status == 200)
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
        let nobody = try await SluiceProcess.run(["top", "--once", "--data", "\(site.folder)/data"])
        #expect(nobody.code != 0)
        #expect(nobody.output.contains("no daemon holds"))
    }

    /// By the text format's grammar: names, labels, numbers; each family described once, its lines together, its histograms
    /// cumulative.
    @Test func metricsAreSoundAndDescribed() async throws {
        let site = try Site()
        let daemon = try await site.started()
        try site.publish([("sluice/bin-fill/bin-1", Array("{\"ts\":1777600000,\"value\":1}".utf8))])
        let text = try await site.metric("sluice_readings_total 1")
        var families: [String: String] = [:]
        var described: Set<String> = []
        var present = ""
        var labelNames: [String: Set<String>] = [:]
        var buckets: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: /# HELP ([a-z_:]+) .+/) {
                described.insert(String(match.output.1)); continue
            }
            if let match = line.wholeMatch(of: /# TYPE ([a-z_:]+) (counter|gauge|histogram)/) {
                present = String(match.output.1)
                #expect(families.updateValue(String(match.output.2), forKey: present) == nil, "\(present) twice")
                #expect(described.contains(present), "\(present) says what it is")
                continue
            }
            let label = /[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"/
            let sample = try #require(
                line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?[0-9.e+-]+)/), "\(line)")
            let (name, labels) = (String(sample.output.1), String(sample.output.2 ?? ""))
            #expect(
                labels.isEmpty
                    || labels.split(separator: /,(?=[a-zA-Z_])/).allSatisfy { $0.wholeMatch(of: label) != nil },
                "\(line)")
            let isPart =
                families[present] == "histogram" && ["_bucket", "_sum", "_count"].contains { name == present + $0 }
            #expect(name == present || isPart, "\(line) stands under \(present)")
            let names = labels.matches(of: /(?:^|,)([a-z_]+)="/).map { String($0.output.1) }
            labelNames[present, default: []].formUnion(names.filter { $0 != "le" })
            if name.hasSuffix("_bucket"), let value = Double(sample.output.3) {
                let series = present + labels.replacing(/,?le="[^"]*"/, with: "")
                #expect(value >= buckets[series] ?? 0, "\(line)")
                buckets[series] = value
            }
        }
        #expect(families.count > 40)
        for (name, kind) in families {
            let entry = try #require(MetricCatalog.entries.first { $0.name == name }, "\(name)")
            #expect(entry.kind.rawValue == kind, "\(name)")
            #expect(entry.labels == labelNames[name, default: []].sorted(), "\(name)")
        }
        for name in [
            "sluice_build_info", "sluice_mqtt_commit_seconds", "sluice_pipeline_batch_seconds",
            "sluice_decisions_total",
        ] {
            #expect(families[name] != nil, "\(name)")
        }
        daemon.send(SIGTERM)
        try await daemon.expectExit(0, within: .seconds(10))
    }
}
