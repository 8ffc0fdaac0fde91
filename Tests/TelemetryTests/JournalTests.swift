import Glibc
import Logging
import Telemetry
import Testing

/// Entries as systemd's journal gets them, over a real datagram socket.
@Suite struct JournalTests {
    /// A socket like journald's.
    private final class Journal: Sendable {
        let path: String
        private let descriptor: Int32

        init() {
            var template = Array("/tmp/sluice-journal-XXXXXX".utf8CString)
            precondition(unsafe mkdtemp(&template) != nil, "no folder, errno \(errno)")
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/socket"
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
            let bound = unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { header in
                    unsafe bind(descriptor, header, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            precondition(bound == 0, "the socket can't be bound, errno \(errno)")
        }

        deinit {
            close(descriptor)
            unsafe unlink(path)
            unsafe rmdir(String(path.dropLast("/socket".count)))
        }

        /// The entries so far, each as its lines. A datagram is there when the sender's call has returned.
        func entries() -> [[String]] {
            var found: [[String]] = []
            var bytes = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return found }
                let text = String(decoding: bytes.prefix(count), as: UTF8.self)
                found.append(text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
            }
        }
    }

    private func logger(to output: LogOutput, _ format: LogFormat = .journal) -> Logger {
        Logger(label: "sluice") {
            SluiceLogHandler(label: $0, format: format, level: .trace, clock: { LogCapture.startMs }, output: output)
        }
    }

    @Test func anEventIsOneEntryOfFields() {
        let journal = Journal()
        let capture = LogCapture(journal: journal.path)
        logger(to: capture.output).info(
            "request.opened",
            metadata: ["request": .stringConvertible(12), "sensor": "wl-0042", "service": "water-leak"])
        #expect(
            journal.entries() == [
                [
                    "PRIORITY=6", "SYSLOG_IDENTIFIER=sluice", "MESSAGE=request.opened water-leak #12 sensor=wl-0042",
                    "SLUICE_EVENT=request.opened", "SLUICE_LOGGER=sluice", "SLUICE_REQUEST=12",
                    "SLUICE_SENSOR=wl-0042", "SLUICE_SERVICE=water-leak",
                ]
            ])
        #expect(capture.text() == "", "what the journal has, standard output has not")
    }

    @Test(arguments: [
        (Logger.Level.trace, "7"), (.debug, "7"), (.info, "6"), (.notice, "5"), (.warning, "4"), (.error, "3"),
        (.critical, "2"),
    ]) func theLevelIsThePriority(level: Logger.Level, priority: String) {
        let journal = Journal()
        logger(to: LogCapture(journal: journal.path).output).log(level: level, "e")
        #expect(journal.entries().first?.first == "PRIORITY=\(priority)")
    }

    @Test(arguments: SluiceLogHandlerTests.hostile) func noFieldCanBeForged(_ hostile: SluiceLogHandlerTests.Hostile) {
        let journal = Journal()
        let forged = "\(hostile.text)\nPRIORITY=0\nSLUICE_EVENT=forged"
        logger(to: LogCapture(journal: journal.path).output).info("e", metadata: ["k\(hostile.text)": "\(forged)"])
        let names = journal.entries().first?.map { $0.prefix { $0 != "=" } }
        #expect(names?.count == 6)
        #expect(names?.filter { $0 == "PRIORITY" }.count == 1)
        #expect(
            names?.allSatisfy { $0.utf8.count <= 64 && $0.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" } }
                == true)
    }

    @Test func withoutAJournalTheLineIsJSON() {
        let capture = LogCapture(journal: "/nowhere/socket")
        logger(to: capture.output).info("e")
        #expect(capture.text().hasPrefix("{\"time\":"))
    }

    @Test func systemdSaysThatTheJournalListens() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        try #require(unsafe fstat(ends[1], &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        let cases: [([String: String], Bool)] = [
            (["JOURNAL_STREAM": stream], true), (["JOURNAL_STREAM": "1:1"], false), (["JOURNAL_STREAM": ""], false),
            ([:], false),
        ]
        for (environment, listens) in cases {
            #expect(LogOutput(fileDescriptor: ends[1], environment: environment).isJournal == listens)
        }
    }
}
