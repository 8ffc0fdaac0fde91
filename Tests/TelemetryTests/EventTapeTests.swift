import Foundation
import Logging
import Telemetry
import Testing

/// The tape of events: what is read back, over restarts, rotation and torn lines.
@Suite struct EventTapeTests {
    /// A folder for one tape, and loggers to it.
    private final class Folder: Sendable {
        let path = NSTemporaryDirectory() + "sluice-tape-\(UUID().uuidString)"

        deinit { try? FileManager.default.removeItem(atPath: path) }

        /// A daemon's life: opens the tape and logs.
        func run(capacityBytes: Int = 1 << 20, level: Logger.Level = .info, _ body: (Logger, LogCapture) -> Void) throws
        {
            let capture = LogCapture(linesPerSecond: 100_000)
            capture.output.record(on: try EventTape(directory: path, capacityBytes: capacityBytes))
            capture.output.level = level
            body(capture.logger(), capture)
        }

        var files: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".ndjson") }.sorted()
                    .map { "\(path)/\($0)" }
            }
        }
    }

    /// Everything from `start` on, page by page.
    private func all(_ folder: Folder, _ start: EventTapeReader.Start, limit: Int = 7) throws -> (
        events: [String], position: EventTapeReader.Position, lost: Int64
    ) {
        let reader = EventTapeReader(directory: folder.path)
        var page = try #require(reader.page(start, limit: limit))
        var (events, lost) = (page.lines, page.lost)
        while !page.isEnd {
            page = try #require(reader.page(.behind(page.position), limit: limit))
            events += page.lines
            lost += page.lost
        }
        return (events.compactMap { LogRecord(json: $0)?.event }, page.position, lost)
    }

    private static let beginning = EventTapeReader.Start.time(ms: 0)

    @Test func numbersGoOnOverARestart() throws {
        let folder = Folder()
        try folder.run { logger, _ in for number in 1...3 { logger.info("a.\(number)") } }
        let first = try all(folder, Self.beginning)
        try folder.run { logger, _ in for number in 4...6 { logger.info("a.\(number)") } }
        #expect(first.events == ["a.1", "a.2", "a.3"])
        let second = try all(folder, .behind(first.position))
        #expect(second.events == ["a.4", "a.5", "a.6"])
        #expect(second.position.sequence == 6)
        #expect(second.lost == 0)
        #expect(try all(folder, Self.beginning).events.count == 6)
    }

    @Test func whoBeginsAtTheEndSeesWhatComes() throws {
        let folder = Folder()
        try folder.run { logger, _ in
            logger.info("before")
            let end = EventTapeReader(directory: folder.path).page(.end)?.position
            logger.info("after")
            let found = end.flatMap { try? all(folder, .behind($0)) }
            #expect(found?.events == ["after"])
        }
    }

    @Test func beginsWithATime() throws {
        let folder = Folder()
        try folder.run { logger, capture in
            for number in 0..<50 {
                logger.info("a.\(number)")
                capture.advance(ms: 1000)
            }
        }
        let found = try all(folder, .time(ms: LogCapture.startMs + 47_001))
        #expect(found.events == ["a.48", "a.49"])
    }

    @Test func tapeKeepsWhatTheLevelHoldsBack() throws {
        let folder = Folder()
        try folder.run(level: .warning) { logger, capture in
            logger.debug("quiet")
            logger.warning("loud")
            #expect((try? capture.objects())?.count == 1)
        }
        #expect(try all(folder, Self.beginning).events == ["quiet", "loud"])
    }

    @Test func oldFilesGoAndTheLossIsTold() throws {
        let folder = Folder()
        let start = EventTapeReader.Start.behind(
            try {
                try folder.run(capacityBytes: 8192) { logger, _ in logger.info("first") }
                return try #require(EventTapeReader(directory: folder.path).page(.end)?.position)
            }())
        try folder.run(capacityBytes: 8192) { logger, _ in for number in 2...300 { logger.info("a.\(number)") } }
        let bytes = try folder.files.map { try Data(contentsOf: URL(filePath: $0)).count }
        #expect(bytes.count == 8)
        #expect(bytes.reduce(0, +) <= 8192)
        let found = try all(folder, start)
        #expect(found.events.last == "a.300")
        #expect(found.lost > 0)
        #expect(found.lost + Int64(found.events.count) == 299)
        // From the beginning there is no loss to speak of: that is what the tape has.
        #expect(try all(folder, Self.beginning).lost == 0)
    }

    @Test(arguments: ["{\"seq\":4,\"time\":\"2026", "{", "garbage without an end"])
    func aTornLastLineIsCutOff(rest: String) throws {
        let folder = Folder()
        try folder.run { logger, _ in for number in 1...3 { logger.info("a.\(number)") } }
        let path = try #require(try folder.files.last)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(rest.utf8))
        try handle.close()
        #expect(try all(folder, Self.beginning).events == ["a.1", "a.2", "a.3"])
        try folder.run { logger, _ in logger.info("a.4") }
        let found = try all(folder, Self.beginning)
        #expect(found.events == ["a.1", "a.2", "a.3", "a.4"])
        #expect(found.position.sequence == 4)
    }

    @Test func positionsOfAnotherTapeMeanNothing() throws {
        let (old, new) = (Folder(), Folder())
        try old.run { logger, _ in for number in 1...9 { logger.info("old.\(number)") } }
        try new.run { logger, _ in logger.info("new.1") }
        let found = try all(new, .behind(try all(old, Self.beginning).position))
        #expect(found.events == ["new.1"])
    }

    @Test func onlyMatchingLinesAreGivenAndAllAreLookedAt() throws {
        let folder = Folder()
        try folder.run { logger, _ in for number in 1...20 { logger.info("a.\(number % 2)") } }
        let page = try #require(
            EventTapeReader(directory: folder.path).page(Self.beginning) { $0.contains("\"a.1\"") })
        #expect(page.lines.count == 10)
        #expect(page.position.sequence == 20)
        #expect(page.isEnd)
    }

    @Test func withoutATapeThereIsNothing() {
        #expect(EventTapeReader(directory: "/nowhere").page(.end) == nil)
        #expect(throws: EventTapeError.self) { try EventTape(directory: "/nowhere/events") }
    }

    @Test func aLineReadsAsItWasWritten() throws {
        let folder = Folder()
        try folder.run { logger, capture in
            logger.warning("sensor.shed", metadata: ["sensor": "wl-1", "count": .stringConvertible(3), "why": "a b"])
            _ = capture.text()
        }
        let line = try #require(EventTapeReader(directory: folder.path).page(Self.beginning)?.lines.first)
        let record = try #require(LogRecord(json: line))
        #expect(record.sequence == 1)
        #expect(record.level == .warning)
        #expect(record.fields == ["sensor": .text("wl-1"), "count": .whole(3), "why": .text("a b")])
        #expect(
            record.text(isColoured: false) == "02:10:00 WARN  sensor.shed            count=3 sensor=wl-1 why=\"a b\"\n")
    }
}
