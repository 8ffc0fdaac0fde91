import HTTPAPI
import Incidents
import IssueStorage
import Open311
import Readings

/// Sensors and requests in memory; how the store knows what it says is IssueStorage's to test.
struct SampleSensors: PageSource {
    var all: [SensorStanding] = []
    var stored: [ServiceRequest] = SampleSource.five.all

    func requests(_ query: RequestQuery) async throws -> [ServiceRequest] {
        Array(stored.filter { Self.fits($0, query) }.prefix(query.limit))
    }
    func requestCounts(_ query: RequestQuery) async throws -> [ServiceCode: Int] {
        Dictionary(grouping: stored.filter { Self.fits($0, query) }, by: \.service).mapValues(\.count)
    }
    private static func fits(_ request: ServiceRequest, _ query: RequestQuery) -> Bool {
        query.services?.contains(request.service) ?? true && query.statuses?.contains(request.status) ?? true
            && request.severity >= query.leastSeverity ?? 0
            && query.wards?.contains(request.ward ?? "") ?? true
            && query.basis != .saved(.litres)
            && (query.parentID == nil || query.parentID == request.parentID)
    }
    func standings(limit: Int) async throws -> [SensorStanding] { Array(all.prefix(limit)) }
    func sensor(id: String) async throws -> Sensor? { all.map(\.sensor).first { $0.id == id } }
    func link(ofSensor id: String) async throws -> SensorLink? { nil }
    func learnedInterval(ofSensor id: String) async throws -> Int? {
        all.first { $0.sensor.id == id }?.learnedIntervalS
    }
    func streams(ofSensor id: String) async throws -> [SensorStream] {
        [SensorStream(quantity: .fill, firstMs: 1000, lastMs: 2000)]
    }
    func findings(ofSensor id: String, limit: Int) async throws -> [SensorFinding] { [] }
    func series(
        ofSensor id: String, quantity: Quantity, fromMs: Int64, toMs: Int64, points: Int
    ) async throws -> [HistoryBucket] {
        [HistoryBucket(startMs: fromMs, count: points, least: 1, greatest: 3, sum: 2 * Double(points))]
    }
    func quarantine(limit: Int) async throws -> [QuarantineEntry] {
        let message = QuarantinedMessage(
            reason: .notJSON, arrivedAtMs: nowMs, topic: Array("a/b".utf8), detail: "starts with <",
            payload: [0x3C, 0xFF],
            payloadBytes: 2)
        return [QuarantineEntry(id: 1, message: message)]
    }
    func quarantineCounts() async throws -> [QuarantineReason: Int] { [.notJSON: 1, .noRoute: 3] }

    /// A bin with an odd name, and a water sensor.
    static let two: SampleSensors = {
        var bin = SensorStanding(sensor: Sensor(id: "<img src=x>/1", kind: .binFill))
        bin.lastHeardMs = nowMs
        bin.batteryPercent = 12.5
        bin.faults = ["stuck"]
        bin.openRequests = [5]
        var flow = Sensor(id: "flow", kind: .waterLeak)
        flow.position = Sensor.Position(latitude: 52.5, longitude: -1.9)
        return SampleSensors(all: [bin, SensorStanding(sensor: flow)])
    }()
}
