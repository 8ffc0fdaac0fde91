internal import Open311
internal import Simulation

/// Requests of years, on a seed: what a store looks like that a city has used for long.
///
/// Wards lie in a square around the centre, busy ones in the middle; each has places where things happen again and again.
/// Three quarters of the requests are raised by sensors, some of them are reported by people later; one in a hundred
/// stands open.
struct ScaledCity {
    static let wardsAcross = 8
    static let wards = wardsAcross * wardsAcross
    private static let south = 52.40
    private static let west = -2.00
    private static let wardHeight = 0.025
    private static let wardWidth = 0.04

    let requests: Int
    let days: Int
    let sensors: Int
    let seed: UInt64
    /// The end of what is made, in milliseconds since the Unix epoch.
    let endMs: Int64

    var startMs: Int64 { endMs - Int64(days) * 86_400_000 }

    static func wardName(_ number: Int) -> String { "Ward \(number < 10 ? "0" : "")\(number)" }

    /// A position in a ward, at one of its places.
    static func position(ward: Int, place: Int) -> (latitude: Double, longitude: Double) {
        let key = SeededHash.key(UInt64(ward), Int64(place))
        return (
            south + (Double(ward / wardsAcross) + SeededHash.unit(key, 1)) * wardHeight,
            west + (Double(ward % wardsAcross) + SeededHash.unit(key, 2)) * wardWidth
        )
    }

    /// Request number `number` (from 0, in order of time) as it was raised, and as it stands at the end.
    func request(_ number: Int) -> (raised: ServiceRequest, settled: ServiceRequest) {
        var random = SeededGenerator(seed: SeededHash.key(seed, Int64(number)))
        // A quarter more in winter; days are even otherwise.
        let atMs =
            startMs + Int64(Double(endMs - startMs) * (Double(number) + random.nextUnit()) / Double(requests))
        let ward = min(random.next(in: 0..<Self.wards), random.next(in: 0..<Self.wards))
        let place = min(random.next(in: 0..<60), random.next(in: 0..<60))
        let (latitude, longitude) = Self.position(ward: ward, place: place)
        let code = [
            ServiceCode.binFull, .binFull, .binFull, .trafficAnomaly, .trafficAnomaly, .waterLeak, .sensorFault,
        ][
            random.next(in: 0..<7)]
        var raised = ServiceRequest(
            id: Int64(number + 1), service: code, incidentKey: "scale|\(seed)|\(number)", requestedAtMs: atMs)
        raised.latitude = latitude
        raised.longitude = longitude
        raised.ward = Self.wardName(ward)
        raised.address = "\(place + 1) \(Self.wardName(ward)) Road"
        raised.severity = 1 + random.next(in: 0..<4)
        raised.expectedAtMs = atMs + [240, 72, 24, 4][raised.severity - 1] * 3_600_000
        raised.title = "\(code.rawValue) at \(raised.address!)"
        raised.description = """
            What was measured at \(raised.address!) has been above what is usual at this time of the week since \
            \(W3CDateTime(milliseconds: atMs - 1_800_000)); the sensors nearby agree. It is being looked into.
            """
        raised.notice = "The crew on duty is told and will see to it within the promised time."
        raised.statusNotes = "Opened: above the threshold for 30 min."
        raised.detector = code == .binFull ? "bin-forecast" : code == .waterLeak ? "burst" : "congestion"
        raised.sensorID = "sensor-\(random.next(in: 0..<max(1, sensors)))"
        raised.observed = 58.1
        raised.expected = 40.2
        raised.threshold = 44.2
        raised.score = 5.1
        raised.unit = "m³/h"
        raised.firstSeenMs = atMs - 1_800_000
        raised.forecastAtMs = code == .binFull ? atMs + 6 * 3_600_000 : nil
        raised.origin = random.next(in: 0..<4) == 0 ? .person : .sensor
        if raised.origin == .person { raised.firstReportedAtMs = atMs }
        if code == .waterLeak {
            raised.estimate = Estimate(name: "litres_per_hour", value: 900, low: 600, high: 1300)
        }
        let settled = settled(raised, &random)
        guard settled.status == .open else { return (raised, settled) }
        // Of a person: a start closes what a rule has raised and no incident carries.
        (raised.origin, raised.detector, raised.firstReportedAtMs) = (.person, "", atMs)
        return (raised, raised)
    }

    private func settled(_ raised: ServiceRequest, _ random: inout SeededGenerator) -> ServiceRequest {
        var request = raised
        let ageMs = endMs - raised.requestedAtMs
        guard random.next(in: 0..<100) > 0, ageMs > 3_600_000 else { return request }
        // Skewed as such times are: most within hours, some after weeks.
        let share = random.nextUnit()
        request.updatedAtMs = raised.requestedAtMs + min(ageMs, Int64(600_000 + share * share * share * 2_000_000_000))
        request.status = .closed
        request.word = .closed
        request.clearedAtMs = request.updatedAtMs
        request.lastSeenMs = request.updatedAtMs
        request.statusNotes = "Cleared: below the threshold for 30 min; closed automatically."
        request.acknowledgedAtMs = raised.requestedAtMs + (request.updatedAtMs - raised.requestedAtMs) / 4
        if raised.origin == .sensor, random.next(in: 0..<5) == 0 {
            request.firstReportedAtMs = raised.requestedAtMs + (request.updatedAtMs - raised.requestedAtMs) / 3
            request.peopleCount = 1
        }
        request.verdict =
            [.unreviewed, .unreviewed, .unreviewed, .confirmed, .confirmed, .falseAlarm][
                random.next(in: 0..<6)]
        return request
    }
}
