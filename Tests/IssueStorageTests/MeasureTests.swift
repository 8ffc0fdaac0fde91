import Foundation
import GRDB
import Incidents
import IssueStorage
import Open311
import Simulation
import Testing

/// Measures that are kept, against measures reckoned from all requests at once.
@Suite struct MeasureTests {
    /// Requests of ten weeks that change again and again, in batches as a pipeline hands them over.
    struct History {
        var requests: [Int64: ServiceRequest] = [:]
        var updates: [Int64: [RequestUpdate]] = [:]
        var batches: [(requests: [ServiceRequest], updates: [RequestUpdate])] = []
        private var random: SeededGenerator

        static let startMs = midnightMs
        static let spanMs: Int64 = 70 * 86_400_000

        init(seed: UInt64, requests count: Int, changes: Int) {
            random = SeededGenerator(seed: seed)
            for number in 1...count { raise(Int64(number)) }
            for _ in 0..<changes { change(Int64(1 + random.next(in: 0..<count))) }
        }

        private mutating func raise(_ id: Int64) {
            let services: [ServiceCode] = [.waterLeak, .binFull, .trafficAnomaly]
            var new = request(
                id, service: services[random.next(in: 0..<3)],
                atMs: Self.startMs + Int64(random.nextUnit() * Double(Self.spanMs)))
            new.ward = [nil, "Abbey", "Bordesley"][random.next(in: 0..<3)]
            new.expectedAtMs = new.requestedAtMs + 86_400_000
            new.detector = new.service == .binFull ? "bin-forecast" : "burst"
            if new.service == .binFull { new.forecastAtMs = new.requestedAtMs + 40_000_000 }
            if new.service == .waterLeak {
                new.estimate = Estimate(name: "litres_per_hour", value: 1000, low: 700, high: 1500)
            }
            if id > 1, random.next(in: 0..<5) == 0 {
                new.parentID = 1
                if random.next(in: 0..<2) == 0 { new.incidentKey += "/for/water-leak/Water" }
            }
            if random.next(in: 0..<4) == 0 {
                new.origin = .person
                new.firstReportedAtMs = new.requestedAtMs
            }
            tell(new, "Opened")
        }

        private mutating func change(_ id: Int64) {
            var request = requests[id]!
            request.updatedAtMs += Int64(60_000 + random.next(in: 0..<40_000_000))
            switch random.next(in: 0..<7) {
            case 0, 1: request.status = request.status == .open ? .closed : .open
            case 2: request.verdict = [.confirmed, .falseAlarm, .fixed][random.next(in: 0..<3)]
            case 3: request.acknowledgedAtMs = request.acknowledgedAtMs ?? request.updatedAtMs
            case 4: request.firstReportedAtMs = request.firstReportedAtMs ?? request.updatedAtMs
            case 5: request.ward = "Castle"
            default: request.forecastAtMs = nil
            }
            request.word = request.status == .open ? .open : random.next(in: 0..<8) == 0 ? .duplicate : .closed
            tell(request, "Changed")
        }

        private mutating func tell(_ request: ServiceRequest, _ text: String) {
            let number = (updates[request.id]?.count ?? 0) + 1
            let line = RequestUpdate(
                requestID: request.id, number: number, atMs: request.updatedAtMs, status: request.status, text: text)
            requests[request.id] = request
            updates[request.id, default: []].append(line)
            if batches.isEmpty || batches[batches.count - 1].requests.count >= 5 { batches.append(([], [])) }
            batches[batches.count - 1].requests.append(request)
            batches[batches.count - 1].updates.append(line)
        }

        func closedAtMs(_ id: Int64) -> Int64? {
            let lines = updates[id]!
            guard lines.last!.status == .closed else { return nil }
            return lines[(lines.lastIndex { $0.status == .open }! + 1)...].first!.atMs
        }
    }

    /// The figures of some requests, reckoned one by one.
    struct Figures: Equatable {
        var requests = 0
        var open = 0
        var byPeople = 0
        var before = Share(count: 0, of: 0)
        var onTime = Share(count: 0, of: 0)
        var falseAlarms = Share(count: 0, of: 0)
        var emptied = Share(count: 0, of: 0)
        var leads: [Int64] = []
        var acknowledged: [Int64] = []
        var closed: [Int64] = []
        /// How long those have waited that are open, and those of them that staff has not taken up.
        var waiting: [Int64] = []
        var untaken: [Int64] = []
        var litres = 0.0
        var litresLow = 0.0
        var litresHigh = 0.0

        mutating func add(_ request: ServiceRequest, closedAtMs: Int64?, nowMs: Int64) {
            requests += 1
            if closedAtMs == nil { open += 1 }
            if request.origin == .person { byPeople += 1 }
            if let reported = request.firstReportedAtMs {
                before.of += 1
                if request.origin == .sensor, reported > request.requestedAtMs {
                    before.count += 1
                    leads.append((reported - request.requestedAtMs) / 1000)
                    if let estimate = request.estimate {
                        let hours = Double(min(reported, closedAtMs ?? reported) - request.requestedAtMs) / 3_600_000
                        litres += hours * estimate.value
                        litresLow += hours * estimate.low
                        litresHigh += hours * estimate.high
                    }
                }
            }
            if let taken = request.acknowledgedAtMs { acknowledged.append((taken - request.requestedAtMs) / 1000) }
            let ageS = max(0, nowMs - request.requestedAtMs) / 1000
            if let closedAtMs {
                closed.append((closedAtMs - request.requestedAtMs) / 1000)
            } else {
                waiting.append(ageS)
            }
            if closedAtMs == nil, request.acknowledgedAtMs == nil { untaken.append(ageS) }
            if let end = closedAtMs ?? (nowMs > request.expectedAtMs! ? .max : nil) {
                onTime.of += 1
                if end <= request.expectedAtMs! { onTime.count += 1 }
            }
            if request.verdict != .unreviewed { falseAlarms.of += 1 }
            if request.verdict == .falseAlarm { falseAlarms.count += 1 }
            if request.service == .binFull, let closedAtMs, request.verdict != .falseAlarm {
                emptied.of += 1
                if let full = request.forecastAtMs, closedAtMs <= full { emptied.count += 1 }
            }
        }

        /// Whether `sums` say the same: shares and amounts to the digit, medians to their bucket.
        func agrees(with sums: MeasureSums) -> Bool {
            let saved = sums.saved(.litres).amount
            return requests == sums.requests && open == sums.open && byPeople == sums.byPeople
                && before == sums.detectedBeforeReported && onTime == sums.onTime && falseAlarms == sums.falseAlarms
                && emptied == sums.emptiedInTime && Self.isClose(leads, [], sums.leadTime)
                && Self.isClose(acknowledged, untaken, sums.timeToAcknowledge)
                && Self.isClose(closed, waiting, sums.timeToClose)
                && abs(litres - saved.value) < 0.01 * Double(requests)
                && abs(litresLow - saved.low) < 0.01 * Double(requests)
                && abs(litresHigh - saved.high) < 0.01 * Double(requests)
        }

        /// By Kaplan's and Meier's estimate, reckoned time by time: who has waited so long has not ended before.
        private static func isClose(_ ended: [Int64], _ waiting: [Int64], _ median: SpanMedian) -> Bool {
            guard ended.count == median.ended, waiting.count == median.waiting else { return false }
            guard let found = median.seconds else { return ended.isEmpty && waiting.isEmpty }
            var share = 1.0
            var times: [Double] = []
            for time in Set(ended).sorted() {
                let atRisk = (ended + waiting).count { $0 >= time }
                share *= 1 - Double(ended.count { $0 == time }) / Double(atRisk)
                if share < 0.5 + 1e-9 { times.append(Double(time)) }
                if share < 0.5 - 1e-9 { break }
            }
            // Where it ends at exactly half, the median lies beyond all that is known.
            guard share < 0.5 - 1e-9 else { return found == .infinity }
            let middle = times.reduce(0, +) / Double(times.count)
            return abs(found - middle) <= 1 + 0.016 * middle
        }
    }

    private func expected(_ history: History, _ query: MeasureQuery) -> [String: Figures] {
        var found: [String: Figures] = [:]
        for (id, request) in history.requests {
            guard !request.isDuplicate, request.requestedAtMs >= query.fromMs, request.requestedAtMs < query.toMs,
                query.wards?.contains(request.ward ?? "") ?? true, query.services?.contains(request.service) ?? true
            else { continue }
            let group =
                switch query.grouping {
                case nil: ""
                case .ward: request.ward ?? ""
                case .week: ISOWeek(containing: request.requestedAtMs).description
                }
            for key in query.grouping == nil ? [""] : ["", "/" + group] {
                found[request.service.rawValue + key, default: Figures()].add(
                    request, closedAtMs: history.closedAtMs(id), nowMs: query.nowMs)
            }
        }
        return found
    }

    private func check(_ history: History, _ reader: IssueReader, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (startMs, spanMs) = (History.startMs, History.spanMs)
        for round in 0..<24 {
            let ends = [random.nextUnit(), random.nextUnit()].sorted()
            var query = MeasureQuery(
                fromMs: startMs + Int64(ends[0] * Double(spanMs)), toMs: startMs + Int64(ends[1] * Double(spanMs)) + 1,
                nowMs: startMs + spanMs / 2)
            if round == 0 { (query.fromMs, query.toMs) = (startMs - 1, startMs + spanMs * 2) }
            query.grouping = [nil, .ward, .week][round % 3]
            if round % 4 == 3 { query.wards = ["Abbey", ""] }
            if round % 5 == 4 { query.services = [.binFull] }
            let report = try await reader.measures(query)
            #expect(report.pending == 0)
            if query.wards == nil { try await checkBases(query, report, reader) }
            var found: [String: MeasureSums] = [:]
            for service in report.services {
                found[service.service] = service.total
                for group in service.groups {
                    switch group.key {
                    case .ward(let name): found[service.service + "/" + name] = group.sums
                    case .week(let week): found[service.service + "/" + week.description] = group.sums
                    }
                }
            }
            let expected = expected(history, query)
            #expect(Set(found.keys) == Set(expected.keys))
            for (key, figures) in expected {
                #expect(figures.agrees(with: found[key] ?? MeasureSums()), "\(key) in round \(round)")
            }
        }
    }

    /// The way from a figure to its requests finds as many as the figure says it is made of.
    private func checkBases(_ query: MeasureQuery, _ report: MeasureReport, _ reader: IssueReader) async throws {
        var requests = RequestQuery()
        (requests.requestedFromMs, requests.requestedToMs) = (query.fromMs, query.toMs - 1)
        requests.nowMs = query.nowMs
        for basis in MeasureBasis.all {
            requests.basis = basis
            let counts = try await reader.requestCounts(requests)
            for service in report.services {
                let isMadeOf =
                    switch basis {
                    case .requests: service.total.requests
                    case .goal(let measure): measure.figure(service.total).of
                    case .saved(let unit): service.total.saved(unit).requests
                    }
                #expect(counts[ServiceCode(rawValue: service.service)!] ?? 0 == isMadeOf, "\(basis.name)")
            }
        }
    }

    private func commit(_ history: History, _ tools: SteppedStore.Tools, settlingEvery step: Int) throws {
        for (number, part) in history.batches.enumerated() {
            try tools.commit { batch in
                batch.requests = part.requests
                batch.updates = part.updates
            }
            if number % step == 0 { try tools.settle() }
        }
        try tools.settle()
    }

    @Test(arguments: [1, 2, 3])
    func whatIsKeptIsWhatCountingAllRequestsGives(_ seed: UInt64) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let history = History(seed: seed, requests: 200, changes: 900)
        try SteppedStore(directory: directory).run { tools in try commit(history, tools, settlingEvery: 7) }
        try await check(history, try IssueReader(directory: directory.path), seed: seed)
    }

    @Test func aReplayOfEverythingChangesNothing() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let history = History(seed: 4, requests: 120, changes: 500)
        func tables() throws -> [String] {
            let database = try DatabaseQueue(path: directory.database)
            return try database.read { db in
                try ["measure_fact", "measure_week", "place_series"].flatMap { table in
                    try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
                }
                    + Row.fetchAll(db, sql: "SELECT id, updated_at, status, word, verdict, ward FROM request_version")
                    .map {
                        "version \($0)"
                    }
            }
        }
        try SteppedStore(directory: directory).run { tools in try commit(history, tools, settlingEvery: 3) }
        let before = try tables()
        // Half of it settles in between, when requests are as they once were.
        try SteppedStore(directory: directory).run { tools in try commit(history, tools, settlingEvery: 2) }
        #expect(try tables() == before)
        try await check(history, try IssueReader(directory: directory.path), seed: 5)
    }

    @Test func aVerdictWeeksLaterChangesTheWeekInWhichTheRequestWasRaised() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        var closed = request(1, status: .closed)
        closed.word = .closed
        var reviewed = closed
        reviewed.updatedAtMs += 40 * 86_400_000
        reviewed.verdict = .falseAlarm
        var query = MeasureQuery(fromMs: midnightMs, toMs: midnightMs + 90 * 86_400_000, nowMs: midnightMs)
        query.grouping = .week
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { $0.requests = [closed] }
            try tools.settle()
        }
        let reader = try IssueReader(directory: directory.path)
        let before = try await reader.measures(query)
        #expect(before.services.map { $0.groups.map(\.sums.falseAlarms) } == [[Share(count: 0, of: 0)]])
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { $0.requests = [reviewed] }
            try tools.settle()
        }
        let after = try await reader.measures(query)
        #expect(after.services.map { $0.groups.map(\.sums.falseAlarms) } == [[Share(count: 1, of: 1)]])
        #expect(after.services[0].groups[0].key == .week(ISOWeek(containing: midnightMs)))
    }

    @Test func requestsOfAnOlderDatabaseAreCountedStepByStep() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        try V1Database.create(directory.database)
        let query = MeasureQuery(fromMs: 0, toMs: .max / 2, nowMs: 0)
        try SteppedStore(directory: directory).run { _ in () }
        let reader = try IssueReader(directory: directory.path)
        #expect(try await reader.measures(query).pending == 1)
        try SteppedStore(directory: directory).run { tools in _ = try tools.settle() }
        let report = try await reader.measures(query)
        #expect(report.pending == 0)
        #expect(report.services.map(\.total.requests) == [1])
    }

    /// Two were closed within minutes, eight nobody has looked at for a day: the city does not close within minutes.
    @Test func whatIsStillOpenCountsForAsLongAsItHasBeen() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.requests = (1...10).map { (number: Int64) in
                    var request = request(number, status: number <= 2 ? .closed : .open)
                    request.updatedAtMs += number <= 2 ? 300_000 : 0
                    if number <= 2 { request.acknowledgedAtMs = request.requestedAtMs + 120_000 }
                    return request
                }
            }
            try tools.settle()
        }
        let reader = try IssueReader(directory: directory.path)
        func total(afterMs: Int64) async throws -> MeasureSums {
            let query = MeasureQuery(fromMs: midnightMs, toMs: midnightMs + 1, nowMs: midnightMs + afterMs)
            return try #require(try await reader.measures(query).services.first?.total)
        }
        let late = try await total(afterMs: 86_400_000)
        for (measure, median) in [
            (GoalMeasure.timeToClose, late.timeToClose), (.timeToAcknowledge, late.timeToAcknowledge),
        ] {
            #expect(median.ended == 2 && median.waiting == 8 && median.seconds == .infinity)
            // A day, as near as a bucket is.
            #expect(
                abs(median.interval!.lowerBound - 86_400) < 0.016 * 86_400 && median.interval!.upperBound == .infinity)
            #expect(Goal(measure: measure, target: 3600).standing(late) == .missed)
            #expect(Goal(measure: measure, target: 2 * 86_400).standing(late) == .unclear)
            #expect(measure.figure(late).of == 10 && measure.waiting(late) == 8)
        }
        // Of a few that all wait nothing is known, not even that it is close.
        var few = MeasureSums()
        for _ in 0..<5 { few.stillOpen.add(seconds: 86_400) }
        #expect(Goal(measure: .timeToClose, target: 3600).standing(few) == .noData)
        // Minutes after they were raised it is too soon to tell.
        let soon = try await total(afterMs: 600_000)
        #expect(Goal(measure: .timeToClose, target: 3600).standing(soon) == .unclear)
    }

    @Test func aServicesFirstRequestIsTold() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.requests = [1, 2, 3].map { (number: Int64) in
                    var request = request(number, service: number == 3 ? .sensorFault : .binFull)
                    request.requestedAtMs = midnightMs - number * 86_400_000
                    return request
                }
            }
            try tools.settle()
        }
        let reader = try IssueReader(directory: directory.path)
        var query = MeasureQuery(fromMs: midnightMs, toMs: midnightMs + 1, nowMs: midnightMs)
        #expect(try await reader.measures(query).firstRequestMs.isEmpty)
        query.grouping = .week
        #expect(
            try await reader.measures(query).firstRequestMs == [
                "bin-full": midnightMs - 2 * 86_400_000, "sensor-fault": midnightMs - 3 * 86_400_000,
            ])
    }

    struct GoalCase: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var onTime: Share
        var standing: Goal.Standing
    }

    @Test(arguments: [
        GoalCase(testDescription: "no requests", onTime: Share(count: 0, of: 0), standing: .noData),
        GoalCase(testDescription: "99 of 100", onTime: Share(count: 99, of: 100), standing: .met),
        GoalCase(testDescription: "9 of 10 is too few to tell", onTime: Share(count: 9, of: 10), standing: .unclear),
        GoalCase(testDescription: "half", onTime: Share(count: 50, of: 100), standing: .missed),
    ])
    func aGoalIsMetWhenItsWholeIntervalIs(_ c: GoalCase) async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.requests = (0..<c.onTime.of).map { number in
                    var request = request(Int64(number + 1), status: .closed)
                    request.expectedAtMs = request.requestedAtMs + (number < c.onTime.count ? 0 : -1)
                    return request
                }
            }
            try tools.settle()
        }
        let report = try await IssueReader(directory: directory.path).measures(
            MeasureQuery(fromMs: midnightMs, toMs: midnightMs + 1, nowMs: midnightMs))
        let total = report.services.first?.total ?? MeasureSums()
        #expect(total.onTime == c.onTime)
        #expect(Goal(measure: .onTime, target: 0.9).standing(total) == c.standing)
    }
}
