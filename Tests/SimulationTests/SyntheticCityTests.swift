import Foundation
import Readings
import Simulation
import Testing

@Suite struct SyntheticCityTests {
    @Test func hasSixHundredSensorsOfTheIntendedSorts() {
        let sensors = CityFixture.city().sensors
        var counts: [String: Int] = [:]
        for sensor in sensors { counts[String(sensor.id.prefix { $0 != "-" }), default: 0] += 1 }
        #expect(
            counts == ["flow": 24, "pressure": 48, "noise": 60, "meter": 40, "wet": 24, "traffic": 124, "bin": 280])
        #expect(Set(sensors.map(\.id)).count == 600)
        #expect(Set(sensors.compactMap(\.ward)).count == 40)
        #expect(sensors.allSatisfy { $0.expectedIntervalS != nil && $0.timeZone == "Europe/London" })
    }

    @Test(arguments: [UInt64(1), 2, 3, 99])
    func everySensorLiesInItsWard(seed: UInt64) throws {
        let wards = Dictionary(uniqueKeysWithValues: CityFixture.wards.wards.map { ($0.name, $0) })
        for sensor in CityFixture.city(seed: seed).sensors {
            let position = try #require(sensor.position)
            let ward = try #require(wards[sensor.ward ?? ""], "\(sensor.id) has no ward")
            #expect(ward.contains(position), "\(sensor.id) lies outside \(ward.name)")
            #expect(sensor.id.contains(ward.name.lowercased().replacing(" ", with: "-")))
        }
    }

    @Test func aGatewayHearsFortySensorsNearIt() {
        let sensors = CityFixture.city().sensors
        let byGateway = Dictionary(grouping: sensors) { $0.gateway ?? "" }
        #expect(byGateway.count == 15)
        for (gateway, heard) in byGateway {
            #expect(heard.count == 40, "\(gateway)")
            let latitudes = heard.compactMap { $0.position?.latitude }
            let longitudes = heard.compactMap { $0.position?.longitude }
            // The city spans 0.23° × 0.30°; a gateway's share is a patch of it.
            let height = (latitudes.max() ?? 90) - (latitudes.min() ?? 0)
            let width = (longitudes.max() ?? 180) - (longitudes.min() ?? 0)
            #expect(height < 0.16 && width < 0.20, "\(gateway) spans \(height)° × \(width)°")
        }
    }

    @Test func aZoneLiesInOneWardAndHasOneInletMeter() {
        let zones = Dictionary(grouping: CityFixture.city().sensors.filter { $0.kind == .waterLeak }) {
            $0.zone ?? ""
        }
        #expect(zones.count == 24)
        for (zone, sensors) in zones {
            #expect(Set(sensors.map(\.ward)).count == 1, "\(zone)")
            #expect(sensors.filter { $0.id.hasPrefix("flow-") }.count == 1, "\(zone)")
            #expect(sensors.filter { $0.id.hasPrefix("pressure-") }.count == 2, "\(zone)")
        }
    }

    @Test func theSameSeedGivesTheSameBytesAndAnotherSeedOthers() {
        func bytes(seed: UInt64) -> [UInt8] {
            let city = CityFixture.city(seed: seed)
            var messages = city.messages(fromMs: city.liveStartMs, toMs: city.liveStartMs + 6 * CityFixture.hourMs)
            var message = CityMessage()
            var bytes: [UInt8] = []
            while messages.next(into: &message) { bytes += message.topic + message.payload }
            return bytes
        }
        let first = bytes(seed: 1)
        #expect(first.count > 1_000_000)
        #expect(first == bytes(seed: 1))
        #expect(first != bytes(seed: 2))
    }

    /// A later build must give the same city: recorded logs and screenshots depend on it.
    @Test func aReadingIsPinnedForGood() throws {
        let city = CityFixture.city()
        let atMs = city.liveStartMs
        let reading = try #require(city.readings(fromMs: atMs, toMs: atMs + 1).first { _ in true })
        #expect(city.sensor(reading.sensor).id == "flow-longbridge-1")
        #expect(reading == CityReading(sensor: 0, quantity: .flow, observedAtMs: atMs, value: 63.01))
    }

    @Test func readingsComeByTimeThenBySensorAndSpansJoin() {
        let city = CityFixture.city()
        let (from, middle, to) = (
            city.liveStartMs - 90_000, city.liveStartMs + 7_000_000, city.liveStartMs + 20_000_000
        )
        let whole = Array(city.readings(fromMs: from, toMs: to))
        #expect(whole.count > 30_000)
        #expect(
            zip(whole, whole.dropFirst()).allSatisfy {
                ($0.observedAtMs, $0.sensor) < ($1.observedAtMs, $1.sensor)
                    || ($0.observedAtMs, $0.sensor) == ($1.observedAtMs, $1.sensor) && $0.quantity != $1.quantity
            })
        #expect(whole.allSatisfy { $0.observedAtMs >= from && $0.observedAtMs < to && $0.value.isFinite })
        let parts = Array(city.readings(fromMs: from, toMs: middle)) + Array(city.readings(fromMs: middle, toMs: to))
        #expect(parts == whole)
    }

    @Test func anEmptySpanHasNoReadings() {
        let city = CityFixture.city(population: CityPopulation(sensors: 60))
        #expect(city.readings(fromMs: 1000, toMs: 1000).first { _ in true } == nil)
        #expect(city.readings(fromMs: 1_000, toMs: 2_000).first { _ in true } == nil)
        #expect(city.readings(fromMs: 5_000_000, toMs: 0).first { _ in true } == nil)
    }

    @Test func aFortnightIsAboutTwoMillionReadings() {
        let city = CityFixture.city()
        var count = 0
        for _ in city.readings(fromMs: city.liveStartMs - 14 * CityFixture.dayMs, toMs: city.liveStartMs) { count += 1 }
        #expect(count > 1_900_000 && count < 2_200_000, "\(count)")
    }

    @Test func loadTestsCanHaveManySensors() {
        let population = CityPopulation(sensors: 10_000)
        #expect(population.count == 10_000)
        let city = CityFixture.city(population: population)
        #expect(city.sensorCount == 10_004)
        #expect(Set((0..<city.sensorCount).map { city.id(of: $0) }).count == 10_004)
        #expect(CityPopulation(sensors: 1_000_000).count == 1_000_000)
        let smallest = CityPopulation(sensors: 1)
        #expect(CityFixture.city(population: smallest).sensorCount == smallest.count + 4)
    }
}
