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

    private func hear(_ rises: [Double]) throws -> ServiceRequest {
        var street = Street(rule: .leakNoise, sensors: Self.square)
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
