import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Testing

/// What people hand in, before and after it is in the stream; and what is known of them.
@Suite struct SubmissionTests {
    private static func command(_ ticket: Int64, token: String? = nil) -> StreamCommand {
        var report = RequestSubmission(service: .waterLeak, description: "Water", key: 3)
        (report.latitude, report.longitude) = (52.5, -1.9)
        var command = StreamCommand(ticket: ticket, atMs: midnightMs, .report(report))
        command.token = token
        return command
    }

    private static func reporter(_ email: String) -> Reporter {
        var reporter = Reporter()
        (reporter.email, reporter.phone, reporter.lastName) = (email, "0121 496 0000", "Zzyzxowitz")
        return reporter
    }

    @discardableResult private func enter(
        _ db: Database, _ name: UInt8, email: String? = nil, token: String? = nil, expires: Bool = false,
        atMs: Int64 = midnightMs
    ) throws -> (submission: Submission, isNew: Bool) {
        try SubmissionTable.enter(
            db, idempotency: [UInt8](repeating: name, count: 32), expires: expires, keyID: 3, atMs: atMs
        ) { ticket in
            let reporter = try email.map { try ReporterTable.insert(db, Self.reporter($0), atMs: atMs) }
            return (reporter, Self.command(ticket, token: token))
        }
    }

    private func answer(_ tools: SteppedStore.Tools, _ ticket: Int64, _ outcome: CommandOutcome) throws {
        try tools.commit { $0.answers = [CommandAnswer(ticket: ticket, outcome: outcome)] }
    }

    @Test func sayingTheSameTwiceEntersItOnce() throws {
        try inStore { tools in
            let first = try enter(tools.db, 1, email: "mary@example.org")
            let again = try enter(tools.db, 1, email: "mary@example.org")
            let other = try enter(tools.db, 2)
            #expect(first.isNew && !again.isNew && other.isNew)
            #expect(again.submission == first.submission)
            #expect(again.submission.command == Self.command(first.submission.id))
            #expect(other.submission.id != first.submission.id)
            #expect(try tools.count("reporter") == 1)
        }
    }

    @Test func whatSomebodyReportedBeforeIsFoundByAnySignButTheName() throws {
        try inStore { tools in
            let ticket = try enter(tools.db, 1, email: "mary@example.org").submission.id
            try answer(tools, ticket, .filed(requestID: 17, parent: nil, forgotten: []))
            func earlier(_ change: (inout Reporter) -> Void) throws -> [Int64] {
                var reporter = Reporter()
                change(&reporter)
                return try ReporterTable.earlierRequests(tools.db, reporter)
            }
            #expect(try earlier { $0.email = "Mary@Example.org" } == [17])
            #expect(try earlier { ($0.email, $0.phone) = ("new@example.org", "0121 496 0000") } == [17])
            #expect(try earlier { $0.lastName = "Zzyzxowitz" }.isEmpty)
            #expect(try earlier { $0.deviceID = "phone-1" }.isEmpty)
            #expect(try ReporterTable.erase(tools.db, .request(17)) == 1)
            #expect(try earlier { $0.email = "mary@example.org" }.isEmpty)
        }
    }

    @Test func anAnswerIsStoredWithItsBatchAndToldAgain() throws {
        try inStore { tools in
            let ticket = try enter(tools.db, 1).submission.id
            #expect(try SubmissionTable.unanswered(tools.db).map(\.id) == [ticket])
            try answer(tools, ticket, .filed(requestID: 17, parent: nil, forgotten: []))
            #expect(try SubmissionTable.unanswered(tools.db).isEmpty)
            let again = try enter(tools.db, 1).submission
            #expect(again.outcome == .request(17))
            #expect(again.command == nil)
            // A later answer changes nothing: the first is what the caller may have heard.
            try answer(tools, ticket, .refused(.unknownService))
            #expect(try enter(tools.db, 1).submission.outcome == .request(17))
        }
    }

    @Test func everyKindOfAnswerComesBack() throws {
        try inStore { tools in
            let update = RequestUpdate(requestID: 9, number: 4, atMs: midnightMs, status: .open, text: "On its way")
            let outcomes: [(CommandOutcome, SubmissionOutcome)] = [
                (.counted(requestID: 5), .request(5)),
                (.updated(update, UpdateEffect()), .update(requestID: 9, number: 4)),
                (.refused(.circular), .refused(.circular)),
            ]
            for (number, outcome) in outcomes.enumerated() {
                let ticket = try enter(tools.db, UInt8(number)).submission.id
                try answer(tools, ticket, outcome.0)
                #expect(try enter(tools.db, UInt8(number)).submission.outcome == outcome.1)
            }
        }
    }

    @Test func withoutANameOfItsOwnTheSameIsNewAfterAWhile() throws {
        try inStore { tools in
            let later = midnightMs + SubmissionTable.repetitionMs
            let first = try enter(tools.db, 1, expires: true)
            #expect(try !enter(tools.db, 1, expires: true, atMs: later).isNew)
            let second = try enter(tools.db, 1, expires: true, atMs: later + 1)
            #expect(second.isNew)
            #expect(second.submission.id > first.submission.id)
            #expect(try enter(tools.db, 2, atMs: midnightMs).isNew)
            #expect(try !enter(tools.db, 2, atMs: later * 2).isNew)
        }
    }

    @Test func aTokenLeadsToItsRequest() throws {
        try inStore { tools in
            let ticket = try enter(tools.db, 1, token: "abc").submission.id
            #expect(try SubmissionTable.find(tools.db, token: "abc")?.outcome == nil)
            #expect(try SubmissionTable.find(tools.db, token: "xyz") == nil)
            try answer(tools, ticket, .filed(requestID: 4, parent: nil, forgotten: []))
            #expect(try SubmissionTable.find(tools.db, token: "abc")?.outcome == .request(4))
        }
    }

    @Test func reportersAreErasedByAgeRequestAddressAndNumber() throws {
        try inStore { tools in
            for number in 0..<4 {
                let ticket = try enter(
                    tools.db, UInt8(number), email: "p\(number)@example.org", atMs: midnightMs + Int64(number)
                ).submission.id
                try answer(tools, ticket, .filed(requestID: Int64(100 + number), parent: nil, forgotten: []))
            }
            #expect(try ReporterTable.erase(tools.db, .before(ms: midnightMs + 1)) == 1)
            #expect(try ReporterTable.erase(tools.db, .request(101)) == 1)
            #expect(try ReporterTable.erase(tools.db, .request(101)) == 0)
            #expect(try ReporterTable.erase(tools.db, .email("P2@EXAMPLE.org")) == 1)
            #expect(try ReporterTable.erase(tools.db, .email("nobody@example.org")) == 0)
            #expect(try tools.count("reporter") == 1)
            #expect(try ReporterTable.erase(tools.db, .phone("0121 496 0000")) == 1)
            // What was reported stays.
            #expect(try tools.count("submission", "request_id IS NOT NULL") == 4)
        }
    }

    @Test func whatIsErasedIsNotInTheFileAnyMore() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let content = { try String(decoding: Data(contentsOf: URL(filePath: directory.database)), as: UTF8.self) }
        try SteppedStore(directory: directory).run { tools in
            for number in 0..<50 { try enter(tools.db, UInt8(number), email: "p\(number)@example.org") }
            try tools.db.checkpoint(.truncate)
            #expect(try content().contains("Zzyzxowitz"))
            #expect(try ReporterTable.erase(tools.db, .before(ms: .max)) == 50)
            try tools.db.checkpoint(.truncate)
        }
        #expect(try !content().contains("Zzyzxowitz"))
        #expect(try !content().contains("p7@example.org"))
    }

    @Test func submissionsAreForgottenWhenNobodyWillAsk() throws {
        try inStore { tools in
            let dayMs: Int64 = 86_400_000
            for name in UInt8(0)..<4 {
                try enter(
                    tools.db, name, email: name == 1 ? "p@example.org" : nil, token: name == 2 ? "token" : nil)
            }
            for ticket in try SubmissionTable.unanswered(tools.db).map(\.id).dropLast() {
                try answer(tools, ticket, .filed(requestID: ticket, parent: nil, forgotten: []))
            }
            #expect(try SubmissionTable.sweep(tools.db, nowMs: midnightMs + 30 * dayMs) == 0)
            // Neither one with a reporter who may be asked for, nor one with a token, nor one without an answer.
            #expect(try SubmissionTable.sweep(tools.db, nowMs: midnightMs + 31 * dayMs) == 1)
            _ = try ReporterTable.erase(tools.db, .before(ms: .max))
            #expect(try SubmissionTable.sweep(tools.db, nowMs: midnightMs + 31 * dayMs) == 1)
            #expect(try SubmissionTable.sweep(tools.db, nowMs: midnightMs + 366 * dayMs) == 1)
            #expect(try SubmissionTable.unanswered(tools.db).count == 1)
        }
    }

    private func inStore(_ body: (SteppedStore.Tools) throws -> Void) throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run(body)
    }
}
