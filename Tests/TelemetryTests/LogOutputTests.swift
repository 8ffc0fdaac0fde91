import Foundation
import Glibc
import Logging
import Synchronization
import Telemetry
import Testing

@Suite struct LogOutputTests {
    // MARK: Floods

    @Test func holdsAFloodBackAndSaysHowMuchOfIt() throws {
        let capture = LogCapture()
        let logger = capture.logger()
        for number in 0..<50 { logger.warning("reading.late", metadata: ["number": .stringConvertible(number)]) }
        #expect(try capture.objects().map { $0["number"] as? Int } == Array(0..<20))

        capture.advance(ms: 999)
        logger.info("other.event")
        #expect(try capture.objects().count == 1)

        capture.advance(ms: 1)
        logger.warning("reading.late", metadata: ["number": .stringConvertible(50)])
        let after = try capture.objects()
        #expect(after.map { $0["number"] as? Int } == [49, 50])
        #expect(after.map { $0["repeated"] as? Int } == [30, nil])
    }

    @Test func anyLaterLineBringsOutWhatWasHeld() throws {
        let capture = LogCapture(linesPerSecond: 1)
        let logger = capture.logger()
        for event in ["b.event", "a.event", "b.event", "a.event", "a.event"] { logger.info("\(event)") }
        #expect(try capture.objects().count == 2)
        capture.advance(ms: 1000)
        logger.info("c.event")
        let after = try capture.objects()
        #expect(after.map { $0["event"] as? String } == ["a.event", "b.event", "c.event"])
        #expect(after.map { $0["repeated"] as? Int } == [2, nil, nil])
    }

    @Test func flushBringsOutWhatWasHeld() throws {
        let capture = LogCapture(linesPerSecond: 1)
        for _ in 0..<4 { capture.logger().info("a.event") }
        _ = capture.text()
        capture.output.flush()
        #expect(try capture.objects().map { $0["repeated"] as? Int } == [3])
        capture.output.flush()
        #expect(capture.text() == "")
    }

    @Test func limitsEachLevelAndEventOnItsOwn() throws {
        let capture = LogCapture(linesPerSecond: 2)
        let logger = capture.logger()
        for _ in 0..<3 {
            logger.info("a.event")
            logger.warning("a.event")
            logger.info("b.event")
        }
        #expect(try capture.objects().count == 6)
    }

    @Test func neverHoldsADecisionBack() throws {
        let capture = LogCapture()
        for number in 0..<200 {
            capture.logger().info("request.opened", metadata: ["request": .stringConvertible(number)])
        }
        #expect(try capture.objects().map { $0["request"] as? Int } == Array(0..<200))
    }

    @Test func losesNoLineToADeviceThatMakesUpEventNames() throws {
        let capture = LogCapture(linesPerSecond: 1)
        for number in 0..<600 { capture.logger().info("event.\(number)") }
        #expect(try capture.objects().count == 600)
    }

    // MARK: Places that fail

    @Test func aReaderThatIsGoneDoesNotEndTheProcess() {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        close(ends[0])
        let output = LogOutput(fileDescriptor: ends[1])
        Logger(label: "x") { SluiceLogHandler(label: $0, clock: { 0 }, output: output) }.info("e")
        #expect(output.lostLines == 1)
        close(ends[1])
    }

    @Test(arguments: [0, O_NONBLOCK]) func aReaderThatSleepsCostsLinesButNeverBlocks(_ flags: Int32) throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        defer {
            close(ends[0])
            close(ends[1])
        }
        _ = fcntl(ends[1], F_SETFL, flags)
        let output = LogOutput(fileDescriptor: ends[1], linesPerSecond: 10_000)
        let logger = Logger(label: "x") { SluiceLogHandler(label: $0, format: .json, clock: { 0 }, output: output) }
        // Lines of some 10,000 bytes: one is cut off in its middle when the pipe is full.
        let long = Logger.MetadataValue.array(.init(repeating: .string(String(repeating: "x", count: 2000)), count: 5))
        for _ in 0..<20 { logger.info("e", metadata: ["long": long]) }
        #expect(output.lostLines > 0)

        // The reader wakes up: what is written next stands on a line of its own.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let before = drain(ends[0])
        #expect(!before.hasSuffix("\n"))
        logger.info("awake")
        let last = (before + drain(ends[0])).split(separator: "\n").last ?? ""
        let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: any Sendable]
        #expect(object?["event"] as? String == "awake")
    }

    private func drain(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &piece, piece.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece.prefix(count)
        }
    }

    // MARK: Threads

    @Test func linesOfSeveralThreadsNeverMix() async throws {
        let capture = LogCapture(linesPerSecond: 100_000)
        let linesPerTask = 10
        let padding = String(repeating: "p", count: 300)
        var lines = ""
        // Less than a pipe holds at a time, so that nobody need read meanwhile.
        for _ in 0..<5 {
            await withTaskGroup { group in
                for task in 0..<4 {
                    group.addTask {
                        let logger = capture.logger()
                        for _ in 0..<linesPerTask {
                            logger.info("e", metadata: ["task": "\(task)", "padding": "\(padding)"])
                        }
                    }
                }
            }
            lines += capture.text()
        }
        let objects = try lines.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: any Sendable]
        }
        #expect(objects.count == 4 * 5 * linesPerTask)
        #expect(objects.allSatisfy { $0?["padding"] as? String == padding })
        #expect(capture.output.lostLines == 0)
    }
}
