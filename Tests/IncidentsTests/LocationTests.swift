import Detection
import Incidents
import Open311
import Readings
import Testing

/// Where requests say that their cause lies.
@Suite struct LocationTests {
    private static func logger(_ number: Int, latitude: Double, longitude: Double) -> Sensor {
        var sensor = Sensor(id: "logger-\(number)", kind: .waterLeak)
        sensor.zone = "Aston"
        sensor.position = Sensor.Position(latitude: latitude, longitude: longitude)
        return sensor
    }

    /// Four loggers at the corners of a square of 200 m.
    private static let square = [(0, 0), (0, 1), (1, 0), (1, 1)].enumerated().map { number, corner in
        logger(number, latitude: 52.5 + 0.0018 * Double(corner.0), longitude: -1.9 + 0.00296 * Double(corner.1))
    }

    private func verdict(_ quantity: Quantity, rule: Rule, rise: Double, minute: Int64) -> Verdict {
        Verdict(
            rule: rule, condition: .critical, quantity: quantity, observedAtMs: Street.start + minute * 60_000,
            onsetMs: Street.start, score: rise, observed: 30 + rise, expected: 30, threshold: 33)
    }

    private func hear(_ rises: [Double], sensors: [Sensor] = square) throws -> ServiceRequest {
        var street = Street(rule: .leakNoise, sensors: sensors)
        var request: ServiceRequest?
        for (number, rise) in rises.enumerated() where rise > 0 {
            let batch = CommitBatch()
            street.book.apply(
                verdict(.noise, rule: .leakNoise, rise: rise, minute: Int64(number)),
                to: .sensor(SensorIndex(rawValue: UInt32(number))), nowMs: Street.start, directory: street.directory,
                into: batch)
            request = batch.requests.last ?? request
        }
        return try #require(request)
    }

    @Test func oneLoggerKnowsOnlyThatItIsWithinHearing() throws {
        let request = try hear([0, 12, 0, 0])
        #expect(request.locationMethod == .segment)
        #expect(request.radiusM == 250)
        #expect(request.latitude == Self.square[1].position?.latitude)
    }

    @Test func equallyLoudIsInTheMiddle() throws {
        let request = try hear([12, 12, 12, 12])
        #expect(request.locationMethod == .triangulated)
        #expect(abs((request.latitude ?? 0) - 52.5009) < 1e-6)
        #expect(abs((request.longitude ?? 0) + 1.89852) < 1e-6)
        // The corners are 141 m from the middle.
        #expect((135...147).contains(request.radiusM ?? 0))
    }

    @Test func theLoudestIsTheNearestAndLeavesLessOpen() throws {
        let request = try hear([26, 6, 6, 3])
        let loudest = try #require(Self.square[0].position)
        #expect(abs((request.latitude ?? 0) - loudest.latitude) < 0.0005)
        #expect(abs((request.longitude ?? 0) - loudest.longitude) < 0.0008)
        #expect((50...100).contains(request.radiusM ?? 0))
    }

    @Test func aMeterAtTheInletSaysOnlyWhichZone() throws {
        var street = Street(rule: .burst, sensors: [.flow("flow-1", zone: "Aston")])
        let request = try #require(street.apply("c", minute: 0).requests.first)
        #expect(request.locationMethod == .segment)
        #expect(request.radiusM == 500)
    }

    @Test func whatIsHeardIsNearerThanTheMeterAtTheInlet() throws {
        var street = Street(rule: .burst, sensors: [.flow("flow-1", zone: "Aston", latitude: 52.6)] + Self.square)
        _ = street.apply("c", minute: 0)
        let batch = CommitBatch()
        street.book.apply(
            verdict(.noise, rule: .leakNoise, rise: 12, minute: 1), to: .sensor(SensorIndex(rawValue: 1)),
            nowMs: Street.start, directory: street.directory, into: batch)
        let request = try #require(batch.requests.last)
        #expect(request.id == 1 && request.latitude == Self.square[0].position?.latitude)
        #expect(request.radiusM == 250)
    }

    /// Loggers 200 m apart along one main from west to east, and another pair at the zone's other end. Each names those next to
    /// it.
    private static let mains = [0.0, 200, 400, 2000, 2200].enumerated().map { number, east in
        var sensor = logger(number, latitude: 52.5, longitude: -1.9 + east / 67_780)
        sensor.neighbours = [["1"], ["0", "2"], ["1"], ["4"], ["3"]][number].map { "logger-\($0)" }
        return sensor
    }

    @Test(arguments: [
        (rises: [12.0, 18, 0, 0, 0], east: 0.0...200, radius: 50.0...120),
        (rises: [12, 18, 0, 16, 0], east: 0...200, radius: 50...120),
        // What sees the louder leak comes last, and is alone at its end.
        (rises: [12, 12, 0, 20, 0], east: 2000...2000, radius: 250...250),
    ])
    func aSecondLeakInTheZoneDoesNotPullTheFirst(
        rises: [Double], east: ClosedRange<Double>, radius: ClosedRange<Double>
    ) throws {
        let request = try hear(rises, sensors: Self.mains)
        let metres = ((request.longitude ?? 0) + 1.9) * 67_780
        #expect((east.lowerBound - 1...east.upperBound + 1).contains(metres))
        #expect(radius.contains(request.radiusM ?? 0))
    }

    @Test(arguments: [
        ("both are quiet", ["logger-0", "logger-2"], 200.0, 100.0),
        ("they are close", ["logger-0", "logger-2"], 60, 50),
        ("they are farther than noise carries", ["logger-0", "logger-2"], 900, 250),
        ("beyond the last nobody listens", ["logger-0"], 200, 250),
        ("one is not known", ["logger-0", "logger-2", "logger-9"], 200, 250),
        ("none is named", [], 200, 250),
    ])
    func whatNoNeighbourHearsIsNearerThanHalfWay(
        _ name: String, _ neighbours: [String], _ spacing: Double, _ radius: Double
    ) throws {
        var sensors = (0..<3).map { number in
            var sensor = Self.logger(number, latitude: 52.5, longitude: -1.9 + Double(number) * spacing / 67_780)
            sensor.neighbours = ["logger-1"]
            return sensor
        }
        sensors[1].neighbours = neighbours
        let request = try hear([0, 12, 0], sensors: sensors)
        #expect(abs((request.radiusM ?? 0) - radius) <= 1, "\(name)")
        #expect(request.latitude == 52.5 && request.locationMethod == .segment)
    }

    @Test(arguments: [true, false])
    func aNeighbourOfAnotherZoneOrThatHearsSomethingSetsNoBound(isElsewhere: Bool) throws {
        var sensors = (0..<3).map { Self.logger($0, latitude: 52.5, longitude: -1.9 + Double($0) * 200 / 67_780) }
        for number in 0..<3 { sensors[number].neighbours = number == 1 ? ["logger-0", "logger-2"] : ["logger-1"] }
        if isElsewhere { sensors[2].zone = "Saltley" }
        var street = Street(rule: .leakNoise, sensors: sensors, pendingMinutes: 60)
        if !isElsewhere {
            // Suspected, and not yet told of.
            let faint = Verdict(
                rule: .leakNoise, condition: .abnormal, quantity: .noise, observedAtMs: Street.start,
                onsetMs: Street.start, score: 3, observed: 33, expected: 30, threshold: 33)
            street.book.apply(
                faint, to: .sensor(SensorIndex(rawValue: 2)), nowMs: Street.start, directory: street.directory,
                into: CommitBatch())
        }
        let batch = CommitBatch()
        street.book.apply(
            verdict(.noise, rule: .leakNoise, rise: 12, minute: 1), to: .sensor(SensorIndex(rawValue: 1)),
            nowMs: Street.start, directory: street.directory, into: batch)
        #expect(batch.requests.last?.radiusM == 250)
    }

    @Test func aBinIsTheThingItself() throws {
        var bin = Sensor(id: "bin-1", kind: .binFill)
        bin.position = Sensor.Position(latitude: 52.5, longitude: -1.9)
        var street = Street(rule: .binFull, sensors: [bin])
        let request = try #require(street.apply("c", minute: 0).requests.first)
        #expect(request.locationMethod == .sensor && request.radiusM == nil)
        #expect(request.latitude == 52.5)
    }

    @Test func nobodyKnowsWhereAnUnknownSensorStands() throws {
        var street = Street(rule: .burst, sensors: [Sensor(id: "flow-1", kind: .waterLeak)])
        let request = try #require(street.apply("c", minute: 0).requests.first)
        #expect(request.latitude == nil && request.locationMethod == nil && request.radiusM == nil)
    }
}
