import GRDB
import Incidents
import IssueStorage
import Open311
import TestSupport

/// A real store in a folder of its own, filled through the product's writer, for what is reckoned in it.
struct SampleStore: Sendable {
    let folder: TestFolder
    let reader: IssueReader

    /// One request as it was raised, and as it stands after each further change.
    struct History {
        var states: [ServiceRequest]

        init(_ raised: ServiceRequest, _ changes: [(hours: Double, (inout ServiceRequest) -> Void)] = []) {
            states = [raised]
            for change in changes {
                var next = states[states.count - 1]
                next.updatedAtMs = raised.requestedAtMs + Int64(change.hours * 3_600_000)
                change.1(&next)
                states.append(next)
            }
        }
    }

    /// - Parameter more: SQL that is run at last.
    init(_ histories: [History], more: (Database) throws -> Void = { _ in }) throws {
        folder = try TestFolder()
        let queue = try StoreDatabase(directory: folder.path, durability: .crash).open()
        try queue.writeWithoutTransaction { db in
            let committer = try BatchCommitter(db, cursors: [])
            let batch = CommitBatch()
            for history in histories {
                for (index, state) in history.states.enumerated() {
                    batch.requests.append(state)
                    batch.updates.append(
                        RequestUpdate(
                            requestID: state.id, number: index + 1, atMs: state.updatedAtMs, status: state.status,
                            text: state.statusNotes))
                }
            }
            try committer.commit([batch])
            try more(db)
            let keeper = try MeasureKeeper(db)
            try db.inTransaction {
                while try keeper.settle(atMost: 1000) > 0 {}
                return .commit
            }
        }
        try queue.close()
        reader = try IssueReader(directory: folder.path)
    }

    /// 2026-11-16, a Monday, 00:00 UTC: requests below are raised on that day.
    static let mondayMs: Int64 = 1_794_787_200_000

    static func request(
        _ id: Int64, _ service: ServiceCode, hours: Double, _ change: (inout ServiceRequest) -> Void = { _ in }
    ) -> ServiceRequest {
        var request = ServiceRequest(
            id: id, service: service, incidentKey: "sample/\(id)",
            requestedAtMs: mondayMs + Int64(hours * 3_600_000))
        request.expectedAtMs = request.requestedAtMs + 24 * 3_600_000
        request.detector = "burst"
        request.sensorID = "Qzsensor-\(id)"
        request.ward = "Aston"
        (request.latitude, request.longitude) = (52.5, -1.9)
        change(&request)
        return request
    }

    static let graffiti = ServiceCode(rawValue: "graffiti")!
    static let safeguarding = ServiceCode(rawValue: "safeguarding")!

    /// The standard services; graffiti is told only roughly, safeguarding not at all.
    static let catalog = ServiceCatalog(
        ServiceCatalog.standard.services + [
            Service(code: graffiti, name: "Graffiti", visibility: .coarse(metres: 1000)),
            Service(code: safeguarding, name: "Safeguarding", visibility: .hidden),
        ])
    static let view = PublicView(Disclosure(catalog: catalog) { _ in "anon-0" })

    /// What a spreadsheet, a parser or a gossip would like.
    static func awkward() throws -> SampleStore {
        try SampleStore([
            History(
                request(1, .waterLeak, hours: 1) {
                    $0.title = #"=HYPERLINK("http://evil.example","Open me")"#
                    $0.description = "One, \"two\",\r\nthree\u{1} 🚰 ė̄"
                    ($0.statusNotes, $0.address) = ("-1+1", "@SUM(A1:A9)")
                    ($0.severity, $0.confidence) = (4, 0.25)
                    $0.estimate = Estimate(name: "litres_per_hour", value: 900, low: 600.5, high: 1300)
                }),
            History(
                request(2, .binFull, hours: 2) {
                    ($0.ward, $0.latitude, $0.longitude) = ("Lady, wood", nil, nil)
                    ($0.origin, $0.detector, $0.sensorID) = (.person, "", "")
                    $0.peopleCount = 1
                    $0.firstReportedAtMs = $0.requestedAtMs
                },
                [
                    (1, { $0.acknowledgedAtMs = $0.updatedAtMs }),
                    (3, { ($0.status, $0.word, $0.statusNotes) = (.closed, .fixed, "Emptied.") }),
                ]),
            History(request(3, .trafficAnomaly, hours: 3) { $0.title = "Slow traffic at Qzsensor-3" }),
            History(
                request(4, graffiti, hours: 4) { ($0.description, $0.address) = ("Qzwords on a wall", "4 Qzstreet") }),
            History(request(5, safeguarding, hours: 5) { $0.description = "Qzhidden" }),
        ])
    }
}
