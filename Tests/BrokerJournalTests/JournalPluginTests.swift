import BrokerJournal
import Foundation
import MQTTSession
import Readings
import Simulation
import TestSupport
import Testing

/// The plugin in a real mosquitto, seen through the reader.
@Suite(.serialized) struct JournalPluginTests {
    @Test(arguments: ["interval", "always"])
    func keepsEveryAcknowledgedPublishInOrder(_ sync: String) throws {
        let broker = try JournalBroker([("sync", sync)])
        let texts = (0..<500).map { "\($0) " + String(repeating: "x", count: $0 * 37 % 3000) } + [""]
        try broker.publisher().send(texts)
        #expect(try JournalReader.opened(broker.journal).readAll() == JournalReading(messages: texts))
    }

    @Test func keepsWhatTheRecordSays() throws {
        let broker = try JournalBroker()
        let before = Int64(Date().timeIntervalSince1970 * 1000)
        try broker.publisher().send(["é"], to: "city/bin/bin-1", retain: true)
        let reader = try JournalReader.opened(broker.journal)
        #expect(try reader.next() == .record)
        #expect(reader.record.qos == 1 && reader.record.isRetained)
        #expect((before...before + 10_000).contains(reader.record.writtenAtMs))
        let isSame = reader.withMessage { topic, payload in
            topic.count == 14 && payload.count == 2 && topic[0] == UInt8(ascii: "c")
        }
        #expect(isSame)
    }

    @Test func passesOverWhatIsNotForIt() throws {
        let broker = try JournalBroker([("topic", "city/+/level"), ("topic", "other")])
        let publisher = try broker.publisher()
        try publisher.send(["forgotten by all"], to: "city/a/level", qos: .atMostOnce)
        try publisher.send(["another topic"], to: "city/a/b/level")
        try publisher.send(["kept"], to: "city/a/level")
        try publisher.send(["kept too"], to: "other")
        #expect(try JournalReader.opened(broker.journal).readAll().messages == ["kept", "kept too"])
    }

    @Test func killedBrokerLosesNothingThatItAcknowledged() throws {
        let broker = try JournalBroker()
        let publisher = try broker.publisher()
        var sent: [String] = []
        for round in 0..<5 {
            let texts = (0..<200).map { "\(round)-\($0)" }
            try publisher.send(texts)
            sent += texts
            broker.broker.kill()
            try broker.broker.restart()
        }
        let reading = try JournalReader.opened(broker.journal).readAll()
        // What a reconnect sends twice is journaled twice; nothing is missing, and the order holds.
        #expect(Set(reading.messages) == Set(sent))
        #expect(reading.troubles.isEmpty)
        // A start without a publish makes no segment.
        #expect(try broker.segments().count == 5)
    }

    @Test func reloadChangesNothing() throws {
        let broker = try JournalBroker([("topic", "t/+")])
        let publisher = try broker.publisher()
        try publisher.send(["a"])
        kill(try #require(broker.broker.processID), SIGHUP)
        while !broker.log.contains("Reloading config") { publisher.service(timeoutMs: 5) }
        try publisher.send(["b"])
        #expect(try JournalReader.opened(broker.journal).readAll().messages == ["a", "b"])
    }

    @Test func secondBrokerMayNotWriteTheSameJournal() throws {
        let broker = try JournalBroker()
        let folder = try TestFolder()
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/journal", withDestinationPath: broker.journal)
        let failure = #expect(throws: LocalBroker.Failure.self) { try JournalBroker(folder: folder) }
        #expect(failure != nil)
        let log = try String(contentsOfFile: "\(folder.path)/mosquitto.log", encoding: .utf8)
        #expect(log.contains("another broker writes this journal"))
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "needs strace"))
    func withSyncAlwaysEachAcknowledgementFollowsItsSync() throws {
        let folder = try TestFolder()
        let trace = "\(folder.path)/trace"
        let broker = try JournalBroker(
            [("sync", "always")], folder: folder,
            launcher: ["/usr/bin/strace", "-f", "-o", trace, "-e", "trace=pwritev,fdatasync,write,sendto"])
        try broker.publisher().send((0..<50).map { "\($0)" })
        broker.broker.stop()
        var (unsynced, acknowledged) = (0, 0)
        for line in try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n") {
            if line.contains("pwritev(") { unsynced += 1 }
            if line.contains("fdatasync(") { unsynced = 0 }
            // PUBACK: type 4, which is “@”, and two bytes of packet identifier.
            guard line.contains(#""@\2"#) || line.contains(#""@\3"#) else { continue }
            acknowledged += 1
            #expect(unsynced == 0)
        }
        #expect(acknowledged == 50)
    }

    // MARK: - Options

    struct BadOption: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var name: String
        var value: String
        var sentence: String
    }

    @Test(arguments: [
        BadOption(
            testDescription: "a word for a number", name: "segment_bytes", value: "64M",
            sentence: "plugin_opt_journal_segment_bytes must be a whole number, 4096–4294967296, found “64M”"),
        BadOption(
            testDescription: "a cap below two segments", name: "max_bytes", value: "8192",
            sentence: "plugin_opt_journal_max_bytes must be at least twice"),
        BadOption(
            testDescription: "a sync that isn't", name: "sync", value: "never",
            sentence: "plugin_opt_journal_sync must be “interval” or “always”, found “never”"),
        BadOption(
            testDescription: "no interval", name: "sync_interval_ms", value: "0",
            sentence: "must be a whole number, 1–60000, found “0”"),
        BadOption(
            testDescription: "a filter that isn't", name: "topic", value: "a/#/b", sentence: "must be a topic filter"),
        BadOption(
            testDescription: "an option that isn't", name: "size", value: "1",
            sentence: "plugin_opt_journal_size is not an option of this plugin"),
        BadOption(
            testDescription: "a relative path", name: "directory", value: "journal",
            sentence: "must be an absolute path"
        ),
        BadOption(
            testDescription: "a directory that can't be", name: "directory", value: "/proc/journal",
            sentence: "sluice journal: can't open /proc/journal: No such file or directory"),
    ])
    func badOptionStopsTheStartWithASentence(_ bad: BadOption) throws {
        let folder = try TestFolder()
        #expect(throws: LocalBroker.Failure.self) { try JournalBroker([(bad.name, bad.value)], folder: folder) }
        let log = try String(contentsOfFile: "\(folder.path)/mosquitto.log", encoding: .utf8)
        #expect(log.contains(bad.sentence), "\(log)")
    }

    // MARK: - Damage

    @Test(arguments: [1, 23, 24, 29])
    func tornTailIsCutOff(_ bytes: Int) throws {
        let broker = try JournalBroker()
        try broker.publisher().send(["whole", "torn"])
        broker.broker.kill()
        let segment = "\(broker.journal)/\(try #require(broker.segments().last))"
        let size = try #require(FileManager.default.attributesOfItem(atPath: segment)[.size] as? Int)
        // A record is 24 bytes, the topic's three and the payload's: this leaves a part of the last one.
        _ = unsafe truncate(segment, off_t(size - (24 + 3 + 4) + bytes))
        try broker.broker.restart()
        #expect(broker.log.contains("cut \(bytes) bytes of an unfinished record off segment 1"))
        try broker.publisher().send(["after"])
        #expect(
            try JournalReader.opened(broker.journal).readAll() == JournalReading(messages: ["whole", "after"]))
    }

    @Test func damageInTheMiddleIsReportedAndNeverCutOff() throws {
        let broker = try JournalBroker()
        try broker.publisher().send(["one", "two", "three"])
        broker.broker.kill()
        let segment = "\(broker.journal)/\(try #require(broker.segments().last))"
        let size = try #require(FileManager.default.attributesOfItem(atPath: segment)[.size] as? Int)
        let file = try #require(FileHandle(forUpdatingAtPath: segment))
        try file.seek(toOffset: 32 + 30 + 27)  // the payload of the second record
        file.write(Data("T".utf8))
        try file.close()
        try broker.broker.restart()
        #expect(broker.log.contains("segment 1 is damaged at byte 62; it is kept as it is"))
        #expect(try FileManager.default.attributesOfItem(atPath: segment)[.size] as? Int == size)
        try broker.publisher().send(["four"])

        let reader = try JournalReader.opened(broker.journal)
        #expect(try reader.next() == .record)
        let journal = try #require(reader.position).journal
        #expect(
            try reader.next()
                == .trouble(
                    JournalTrouble(
                        .damaged, at: JournalPosition(journal: journal, segment: 1, offset: 62),
                        next: JournalPosition(journal: journal, segment: 2, offset: 32), skippedBytes: 62)))
        #expect(try reader.readAll() == JournalReading(messages: ["four"]))
    }

    // MARK: - A full disk

    @Test(arguments: SessionConfiguration.ProtocolVersion.allCases)
    func failedWriteRefusesThePublishWithoutAcknowledgement(_ version: SessionConfiguration.ProtocolVersion) throws {
        // No file of the broker's may grow beyond this: a write that reaches it is cut short, the next one fails.
        let broker = try JournalBroker(launcher: [
            "/usr/bin/env", "--ignore-signal=XFSZ", "/usr/bin/prlimit", "--fsize=20000:unlimited",
        ])
        let publisher = try broker.publisher(window: 1, version: version)
        let text = String(repeating: "x", count: 3000)
        var accepted: [String] = []
        #expect(throws: SessionError.self) {
            for number in 0..<10 {
                let payload = Array("\(number) \(text)".utf8)
                try publisher.publish(topic: "t/x", payload: payload.span, timeoutMs: 1000)
                try publisher.flush(timeoutMs: 1000)
                accepted.append("\(number) \(text)")
            }
        }
        #expect(accepted.count == 6)
        #expect(
            broker.log.contains("can't write: File too large. Publishers are disconnected without an acknowledgement"))
        #expect(try JournalReader.opened(broker.journal).readAll() == JournalReading(messages: accepted))

        // The disk has room again: the sensor, which has kept its message, sends it once more.
        let pid = try #require(broker.broker.processID)
        let process = try Process.run(
            URL(filePath: "/usr/bin/prlimit"), arguments: ["--pid", "\(pid)", "--fsize=unlimited:unlimited"])
        process.waitUntilExit()
        try publisher.flush()
        #expect(
            try JournalReader.opened(broker.journal).readAll() == JournalReading(messages: accepted + ["6 \(text)"]))
    }

    @Test(.enabled(if: getuid() == 0, "mounts a small disk"))
    func fullDiskTakesWhatEveryReaderHasRead() throws {
        let disk = try SmallDisk(kilobytes: 128)
        // The journal's cap is far above the disk's size.
        let broker = try JournalBroker(
            [("directory", "\(disk.path)/journal"), ("segment_bytes", "4096"), ("max_bytes", "1048576")])
        let journal = "\(disk.path)/journal"
        let text = String(repeating: "x", count: 1000)
        let publisher = try broker.publisher(window: 1)
        // Five segments, and half a sixth: so a record meets the full disk before a segment's beginning does.
        try publisher.send((0..<22).map { "\($0) \(text)" })
        let reader = try JournalReader.opened(journal)
        #expect(try reader.readAll().messages.count == 22)
        try ConsumerFile(directory: journal, name: "reader").write(#require(reader.position))
        let unread = try #require(reader.position).segment

        try disk.fill()
        // The segments that were read make room for as many readings.
        try publisher.send((22..<32).map { "\($0) \(text)" })
        #expect(broker.log.contains("the disk is full: removed segment 1, which every reader has read"))
        #expect(try reader.readAll().messages.count == 10)
        // What nobody has read stays; then publishes are refused.
        #expect(throws: SessionError.self) {
            for number in 32..<60 {
                try publisher.publish(topic: "t/x", payload: Array("\(number) \(text)".utf8).span, timeoutMs: 1000)
                try publisher.flush(timeoutMs: 1000)
            }
        }
        #expect(broker.log.contains("can't write: No space left on device"))
        let left = try FileManager.default.contentsOfDirectory(atPath: journal).filter { $0.hasSuffix(".journal") }
        #expect(left.min() == String(format: "%020d.journal", unread))
        broker.broker.kill()
    }

    // MARK: - Rotation

    private static let small = [(name: "segment_bytes", value: "4096"), (name: "max_bytes", value: "20480")]

    @Test func atTheCapTheOldestGoAndAnUnreadOneIsAnAlarm() throws {
        let broker = try JournalBroker(Self.small)
        let texts = (0..<60).map { "\($0) " + String(repeating: "x", count: 1000) }
        try broker.publisher(window: 1).send(texts)
        let sizes = try broker.segments().map {
            try FileManager.default.attributesOfItem(atPath: "\(broker.journal)/\($0)")[.size] as? Int ?? 0
        }
        #expect(sizes.reduce(0, +) <= 20_480 + 1100)
        #expect(broker.log.contains("removed 1 unread segment(s), the slowest reader is nobody"))
        // Once a minute, not once a segment.
        #expect(broker.log.components(separatedBy: "unread segment(s)").count == 2)
        let reading = try JournalReader.opened(broker.journal).readAll()
        #expect(reading.messages == Array(texts.suffix(reading.messages.count)))
        #expect((9...20).contains(reading.messages.count))
    }

    @Test func whatEveryReaderHasReadGoesWithoutAWord() throws {
        let broker = try JournalBroker(Self.small)
        let publisher = try broker.publisher(window: 1)
        try publisher.send(["first"])
        let reader = try JournalReader.opened(broker.journal)
        let consumers = ["fast", "slow.."].map { ConsumerFile(directory: broker.journal, name: $0) }
        for number in 0..<60 {
            try publisher.send(["\(number) " + String(repeating: "x", count: 1000)])
            #expect(try reader.readAll().messages.last?.hasPrefix("\(number) ") == true)
            for consumer in consumers { try consumer.write(#require(reader.position)) }
        }
        #expect(!broker.log.contains("unread"))
        #expect(try broker.segments().first != "00000000000000000001.journal")
    }

    @Test func ofWhatEveryReaderHasReadTheNewestFewStay() throws {
        // The cap is never reached.
        let broker = try JournalBroker([("segment_bytes", "4096"), ("max_bytes", "1048576")])
        let publisher = try broker.publisher(window: 1)
        try publisher.send(["first"])
        let reader = try JournalReader.opened(broker.journal)
        let consumer = ConsumerFile(directory: broker.journal, name: "reader")
        for number in 0..<60 {
            try publisher.send(["\(number) " + String(repeating: "x", count: 1000)])
            _ = try reader.readAll()
            try consumer.write(#require(reader.position))
        }
        let segments = try broker.segments().count
        #expect((5...7).contains(segments), "four or five that were read, the newest, perhaps one more: \(segments)")
    }

    @Test func oneReaderThatStaysBehindIsNamed() throws {
        let broker = try JournalBroker(Self.small)
        let publisher = try broker.publisher(window: 1)
        try publisher.send(["first"])
        let reader = try JournalReader.opened(broker.journal)
        for name in ["fast", "slow"] {
            try ConsumerFile(directory: broker.journal, name: name).write(#require(reader.position))
        }
        for number in 0..<40 {
            try publisher.send(["\(number) " + String(repeating: "x", count: 1000)])
            _ = try reader.readAll()
            try ConsumerFile(directory: broker.journal, name: "fast").write(#require(reader.position))
        }
        #expect(broker.log.contains("the slowest reader is slow."))
    }
}
