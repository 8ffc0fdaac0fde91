import Detection
import Incidents
import Open311
import Readings
import Testing

/// A street whose people speak, too: what sensors see and what is said goes into one book, and what the store would hold
/// is kept here.
struct Civic {
    var street: Street
    var requests: [Int64: ServiceRequest] = [:]
    var updates: [RequestUpdate] = []
    /// Every title, description, note and notice that a request had, in their order.
    private(set) var texts: [String] = []
    private var lastTicket: Int64 = 0

    init(_ street: Street) { self.street = street }

    /// A verdict at `minute`; what it crosses over to is said to the book at once, as the pipeline does.
    mutating func sense(
        _ mark: Character, minute: Int, sensor: UInt32 = 0, rule: Rule? = nil, score: Double = 5
    ) {
        let batch = street.apply(
            mark, minute: minute, subject: .sensor(SensorIndex(rawValue: sensor)), score: score, rule: rule)
        take(batch)
        settle(minute: minute)
    }

    @discardableResult
    mutating func say(_ content: StreamCommand.Content, minute: Int, _ change: (inout StreamCommand) -> Void = { _ in })
        -> CommandOutcome
    {
        lastTicket += 1
        var command = StreamCommand(ticket: lastTicket, atMs: Street.start + Int64(minute) * 60_000, content)
        change(&command)
        let batch = CommitBatch()
        let outcome = street.book.take(command, directory: street.directory, into: batch)
        take(batch)
        settle(minute: minute)
        return outcome
    }

    /// Somebody reports something `metres` north of the first sensor. Returns the request's id.
    @discardableResult
    mutating func report(
        _ service: ServiceCode = .binFull, minute: Int, metres: Double = 0,
        _ change: (inout RequestSubmission) -> Void = { _ in }
    ) throws -> Int64 {
        var report = RequestSubmission(service: service, description: "It smells.")
        (report.latitude, report.longitude) = (52.5 + metres / 111_320, -1.9)
        change(&report)
        return try #require(say(.report(report), minute: minute).requestID)
    }

    @discardableResult
    mutating func update(
        _ id: Int64, _ word: UpdateWord? = nil, minute: Int, _ change: (inout UpdateSubmission) -> Void = { _ in }
    ) -> CommandOutcome {
        var update = UpdateSubmission(requestID: id, word: word)
        change(&update)
        return say(.update(update), minute: minute)
    }

    subscript(id: Int64) -> ServiceRequest {
        get throws { try #require(requests[id], "request \(id)") }
    }

    /// The history of a request, as `open duplicate by system: text`.
    func history(_ id: Int64) -> [String] {
        updates.filter { $0.requestID == id }
            .map { "\($0.status.rawValue) \($0.word.rawValue) by \($0.author.rawValue): \($0.text)" }
    }

    private mutating func settle(minute: Int) {
        while street.book.hasCrossings {
            for content in street.book.takeCrossings() {
                let batch = CommitBatch()
                let command = StreamCommand(ticket: 0, atMs: Street.start + Int64(minute) * 60_000, content)
                _ = street.book.take(command, directory: street.directory, into: batch)
                take(batch)
            }
        }
    }

    mutating func take(_ batch: CommitBatch) {
        for request in batch.requests {
            requests[request.id] = request
            texts += [request.title, request.description, request.statusNotes, request.notice]
        }
        texts += batch.updates.map(\.text)
        for update in batch.updates {
            let last = updates.last { $0.requestID == update.requestID }
            #expect(last.map { update.number == $0.number + 1 } ?? true)
            #expect(update.atMs >= last?.atMs ?? .min)
            updates.append(update)
        }
    }
}

extension Sensor {
    /// A bin at the place from which ``Civic/report(_:minute:metres:_:)`` measures.
    static func bin(_ id: String = "bin-0", northM: Double = 0) -> Sensor {
        var sensor = Sensor(id: id, kind: .binFill)
        sensor.position = Position(latitude: 52.5 + northM / 111_320, longitude: -1.9)
        sensor.asset = "asset-\(id)"
        sensor.ward = "Aston"
        sensor.address = "1 High Street"
        return sensor
    }
}
