internal import GRDB
internal import Incidents
internal import Open311
internal import Readings

/// People and staff of the street, and the desk that takes their words: each has a ticket, and is posted again until its
/// answer has come, over any number of the daemon's lives. Sometimes it is posted again all the same.
struct Neighbours {
    private var lastTicket: Int64 = 0
    /// What has no answer yet, oldest first; and all that was ever said.
    private var unanswered: [StreamCommand] = []
    private var said: [StreamCommand] = []
    private var answers: [Int64: CommandOutcome] = [:]
    /// What the desk can read in the store.
    private var requests: [Int64: KnownRequest] = [:]
    private var ids: [Int64] = []

    var answered: Int { answers.count }
    var isAnswered: Bool { unanswered.isEmpty }

    // MARK: What they say

    mutating func next(nowMs: Int64, registry: [Sensor], chance: inout Chance) -> StreamCommand {
        lastTicket += 1
        var command: StreamCommand
        if ids.isEmpty || chance.happens(50) {
            command = StreamCommand(ticket: lastTicket, atMs: nowMs, .report(report(registry, &chance)))
            if chance.happens(20) { command.token = "token-\(lastTicket)" }
        } else {
            let update = update(&chance)
            command = StreamCommand(ticket: lastTicket, atMs: nowMs, .update(update))
            command.known = [update.requestID, update.duplicateOf].compactMap { id in id.flatMap { requests[$0] } }
        }
        unanswered.append(command)
        said.append(command)
        return command
    }

    private func report(_ registry: [Sensor], _ chance: inout Chance) -> RequestSubmission {
        let sensor = chance.element(of: registry)
        let service = chance.element(of: [ServiceCode.waterLeak, .trafficAnomaly, .binFull])
        var report = RequestSubmission(service: service, description: "Report \(lastTicket)")
        if chance.happens(50) { report.assetID = sensor.id }
        if let position = sensor.position {
            report.latitude = position.latitude + Double(chance.number(0...9)) / 10_000
            report.longitude = position.longitude
        }
        return report
    }

    private func update(_ chance: inout Chance) -> UpdateSubmission {
        var update = UpdateSubmission(requestID: chance.element(of: ids))
        update.word = chance.element(of: [nil, .inProgress, .fixed, .closed, .reopen, .duplicate])
        update.verdict = chance.element(of: [nil, nil, .confirmed, .falseAlarm, .fixed])
        if chance.happens(20) { update.duplicateOf = chance.element(of: ids) }
        update.author = chance.element(of: [.staff, .person, .city])
        return update
    }

    /// Something that was said before, answered or not.
    func again(_ chance: inout Chance) -> StreamCommand? {
        if !unanswered.isEmpty, chance.happens(70) { return chance.element(of: unanswered) }
        return said.isEmpty ? nil : chance.element(of: said)
    }

    /// All that has no answer, as the desk posts it when the daemon starts.
    var outstanding: [StreamCommand] { unanswered }

    // MARK: What they hear

    mutating func hear(_ commit: SimulatedStore.Commit) throws(Violation) {
        for answer in commit.answers {
            if let before = answers[answer.ticket] {
                try promise(
                    before == answer.outcome,
                    "ticket \(answer.ticket) was answered \(before), and now \(answer.outcome)")
            }
            answers[answer.ticket] = answer.outcome
            unanswered.removeAll { $0.ticket == answer.ticket }
        }
        for request in commit.requests {
            if requests[request.id] == nil { ids.append(request.id) }
            requests[request.id] = KnownRequest(
                request: request, lastUpdate: requests[request.id]?.lastUpdate ?? 0)
        }
        for update in commit.updates { requests[update.requestID]?.lastUpdate = update.number }
    }

    /// What the desk finds in the store when the daemon starts. A commit of which nobody heard may be among it: the disk kept it,
    /// and the daemon died before it could say so.
    mutating func read(_ stored: [KnownRequest]) {
        requests = Dictionary(uniqueKeysWithValues: stored.map { ($0.request.id, $0) })
        ids = stored.map(\.request.id)
    }

    /// Whoever was answered finds what he was told of, once.
    func check(_ db: Database) throws {
        for (ticket, outcome) in answers.sorted(by: { $0.key < $1.key }) {
            let key = StreamCommand.incidentKey(ticket: ticket)
            let own = try Int64.fetchOne(db, sql: "SELECT id FROM request WHERE incident_key = ?", arguments: [key])
            switch outcome {
            case .filed(let id, _, _):
                try promise(own == id, "ticket \(ticket) was told of request \(id), and has \(own ?? 0)")
            case .updated(let update, _):
                let number = try Int.fetchOne(
                    db, sql: "SELECT number FROM request_update WHERE request_id = ? AND number = ? AND text = ?",
                    arguments: [update.requestID, update.number, update.text])
                try promise(number != nil, "ticket \(ticket) was told of update \(update.id), which is not there")
            case .counted, .refused, .applied:
                try promise(own == nil, "ticket \(ticket) has request \(own ?? 0), and was not told")
            }
        }
        let sql = "SELECT count(*) FROM request WHERE incident_key LIKE 'person/%' AND instr(incident_key, '/for/') = 0"
        let filed = try Int.fetchOne(db, sql: sql)
        let told = answers.values.count { if case .filed = $0 { true } else { false } }
        try promise(filed == told, "\(filed ?? 0) requests of people, \(told) were told of one")
    }

    /// How many people were counted where sensors, too, had seen something.
    static func corroborations(_ db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT ifnull(sum(people_count), 0) FROM request WHERE origin = 'sensor' AND parent_id IS NULL")
            ?? 0
    }
}
