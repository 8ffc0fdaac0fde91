import Foundation
import Readings
import Simulation
import Testing

@Suite struct CityMessageTests {
    private func messages(_ city: SyntheticCity, fromMs: Int64, toMs: Int64) -> [CityMessage] {
        var stream = city.messages(fromMs: fromMs, toMs: toMs)
        var message = CityMessage()
        var all: [CityMessage] = []
        while stream.next(into: &message) { all.append(message) }
        return all
    }

    @Test func carryExactlyTheReadingsAndParseWithFoundation() throws {
        let city = CityFixture.city()
        let (from, to) = (city.liveStartMs, city.liveStartMs + 2 * CityFixture.hourMs)
        var expected: [String: Double] = [:]
        for reading in city.readings(fromMs: from, toMs: to) {
            expected["\(reading.sensor) \(reading.observedAtMs) \(reading.quantity.name)"] = reading.value
        }
        var found: [String: Double] = [:]
        for message in messages(city, fromMs: from, toMs: to) {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any])
            let time = try #require(object["ts"] as? String)
            let atMs = try #require(Timestamp.parse(time))
            for (name, value) in try #require(object["metrics"] as? [String: Double]) {
                found["\(message.sensor) \(atMs) \(name)"] = value
            }
        }
        #expect(found == expected)
        #expect(found.count > 10_000)
    }

    @Test func theDaemonsDecoderReadsThem() throws {
        let city = CityFixture.city()
        var decoder = MessageDecoder(routes: RouteTable([.standard]))
        for message in messages(city, fromMs: city.liveStartMs, toMs: city.liveStartMs + CityFixture.hourMs) {
            try decoder.decode(topic: message.topic.span, payload: message.payload.span, arrivedAtMs: message.atMs)
            #expect(decoder.message.sensorName == city.id(of: message.sensor))
            #expect(decoder.message.kind == city.sensor(message.sensor).kind)
            #expect(!decoder.message.measurements.isEmpty)
        }
    }

    @Test func areSentInOrderSoonAfterTheMeasurementAndNotAllAtOnce() {
        let city = CityFixture.city()
        let all = messages(city, fromMs: city.liveStartMs, toMs: city.liveStartMs + CityFixture.hourMs)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.atMs <= $1.atMs })
        let bySecond = Dictionary(grouping: all) { $0.atMs / 1000 }.mapValues(\.count)
        #expect((bySecond.values.max() ?? 0) < 25)
        let tick: Int64 = 300_000
        #expect(all.allSatisfy { $0.atMs % tick < 120_000 })
    }

    @Test func aDeadGatewaysSensorsSendNothing() throws {
        let city = CityFixture.city()
        let death = try #require(city.script.live.first { if case .gatewayDies = $0.kind { true } else { false } })
        let dead = Set(city.sensors(touchedBy: death))
        #expect(dead.count == 40)
        #expect(Set(dead.map { city.sensor($0).gateway }).count == 1)
        let during = messages(city, fromMs: death.startMs, toMs: death.endMs)
        #expect(!during.contains { dead.contains($0.sensor) })
        let after = messages(city, fromMs: death.endMs, toMs: death.endMs + 2 * CityFixture.hourMs)
        #expect(Set(after.map(\.sensor)).isSuperset(of: dead))
    }
}
