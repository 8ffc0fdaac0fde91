import Incidents
import IssueStorage
import Open311
import Readings
import Testing

@Suite struct SensorStandingTests {
    /// Two meters behind one gateway; the first has sent thirty frames of sixty and fires, the second was never heard.
    private func filled(_ fill: (CommitBatch) -> Void = { _ in }) throws -> TemporaryDirectory {
        let directory = TemporaryDirectory()
        try directory.commitOnce { batch in
            for number in 0..<2 {
                var sensor = newSensor(Int64(number + 1), number: UInt32(number), id: "meter-\(number + 1)")
                sensor.sensor.gateway = "gw-1"
                batch.newSensors.append(sensor)
            }
            for frame in 0..<30 { batch.readings.append(reading(Int64(frame + 10), counter: Int32(frame * 2 + 1))) }
            var battery = reading(50)
            battery.reading.quantity = .battery
            battery.reading.value = 12.5
            batch.readings.append(battery)
            batch.requests = [request(7)]
            batch.incidents = [incident("k", request: 7), incident("over", request: 7, state: .resolved)]
            fill(batch)
        }
        return directory
    }

    @Test func aSensorStandsWithWhatItsReadingsAndIncidentsSay() async throws {
        let directory = try filled()
        defer { directory.remove() }
        let standings = try await IssueReader(directory: directory.path).standings()
        #expect(standings.map(\.sensor.id) == ["meter-1", "meter-2"])
        #expect(standings[0].lastHeardMs == midnightMs + 50_000)
        #expect(standings[0].batteryPercent == 12.5)
        #expect(standings[0].lostShare.map { abs($0 - 29.0 / 59) < 1e-9 } == true)
        #expect(standings[0].openRequests == [7])
        #expect(standings[0].faults.isEmpty, "a burst is no fault of the sensor")
        var unheard = SensorStanding(sensor: standings[1].sensor)
        unheard.sensor.gateway = "gw-1"
        #expect(standings[1] == unheard)
    }

    @Test func whoIsKnownByTheRegistryAloneStandsBehindThoseThatWereHeard() async throws {
        let directory = try filled()
        defer { directory.remove() }
        let registry = [Sensor(id: "meter-2", kind: .binFill), Sensor(id: "bin-9", kind: .binFill)]
        let reader = try IssueReader(directory: directory.path) { registry }
        let standings = try await reader.standings()
        #expect(standings.map(\.sensor.id) == ["meter-1", "meter-2", "bin-9"])
        #expect(standings[2] == SensorStanding(sensor: registry[1]))
        #expect(standings[1].sensor.kind == .waterLeak, "what is stored holds")
        #expect(try await reader.standings(limit: 2).count == 2)
        #expect(try await reader.sensor(id: "bin-9") == registry[1])
        #expect(try await reader.sensor(id: "bin-8") == nil)
    }

    @Test func aSilentGatewayIsTheFaultOfAllBehindIt() async throws {
        let directory = try filled { batch in
            var silent = request(8, service: .sensorFault)
            silent.detector = "gateway-silence"
            silent.sensorID = "gw-1"
            batch.requests.append(silent)
        }
        defer { directory.remove() }
        let standings = try await IssueReader(directory: directory.path).standings()
        #expect(standings.map(\.faults) == [["gateway-silence"], ["gateway-silence"]])
        #expect(standings.map(\.openRequests) == [[7, 8], [8]])
    }

    @Test func aSensorsStreamsAndFindingsAreFound() async throws {
        let directory = try filled()
        defer { directory.remove() }
        let reader = try IssueReader(directory: directory.path)
        #expect(
            try await reader.streams(ofSensor: "meter-1") == [
                SensorStream(quantity: .flow, firstMs: midnightMs + 10_000, lastMs: midnightMs + 39_000),
                SensorStream(quantity: .battery, firstMs: midnightMs + 50_000, lastMs: midnightMs + 50_000),
            ])
        #expect(try await reader.streams(ofSensor: "nobody").isEmpty)
        let findings = try await reader.findings(ofSensor: "meter-1", limit: 10)
        #expect(Set(findings.map(\.state)) == ["firing", "resolved"])
        #expect(findings.allSatisfy { $0.rule == "burst" && $0.requestID == 7 })
        #expect(try await reader.findings(ofSensor: "meter-2", limit: 10).isEmpty)
    }
}
