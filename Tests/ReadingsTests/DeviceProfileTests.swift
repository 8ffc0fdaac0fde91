import Readings
import Testing

/// Each folder under `fixtures/devices` is a device model; each file in it is an uplink as a LoRaWAN server publishes it,
/// and says in its name what it comes to. The readings of `good-….json` stand in `good-….txt`.
@Suite struct DeviceProfileTests {
    private func decode(_ device: String, _ file: String) throws -> Outcome {
        let payload = try Fixtures.bytes("devices/\(device)/\(file)")
        let isChirpStack = String(decoding: payload, as: UTF8.self).contains("\"deviceInfo\"")
        var route = Route(
            name: "r", topic: try TopicPattern(isChirpStack ? "application/+/device/+/event/up" : "v3/+/devices/+/up"),
            format: isChirpStack ? .chirpStack : .theThingsStack)
        route.profile = DeviceProfile(name: device)
        #expect(route.profile != nil)
        route.mounting = Mounting(depthMM: 1200)
        route.intervalS = 300
        #expect(route.problems() == [])
        return ReadingsTests.decode(
            payload,
            topic: isChirpStack ? "application/9f1c/device/24e1/event/up" : "v3/street@city/devices/x/up",
            routes: [route])
    }

    private static let files: [(device: String, file: String)] = {
        let devices = (try? Fixtures.names(in: "devices")) ?? []
        return devices.flatMap { device in
            ((try? Fixtures.names(in: "devices/\(device)")) ?? []).filter { $0.hasSuffix(".json") }.map { (device, $0) }
        }
    }()

    @Test(arguments: files)
    func anUplinkBecomesWhatItsFileSays(device: String, file: String) throws {
        let outcome = try decode(device, file)
        #expect(outcome.label == String(file.prefix { $0 != "-" }), "\(outcome)")
        guard file.hasPrefix("good") else { return }
        let text = String(decoding: try Fixtures.bytes("devices/\(device)/\(file.dropLast(5)).txt"), as: UTF8.self)
        #expect(outcome.lines == text.split(separator: "\n").map(String.init))
    }

    @Test func everyModelHasGoodAndBadSamples() {
        // FIWARE's models are no devices behind a LoRaWAN server.
        for profile in DeviceProfile.library where !profile.name.hasPrefix("fiware-") {
            let files = Self.files.filter { $0.device == profile.name }.map(\.file)
            #expect(files.contains { $0.hasPrefix("good") }, "\(profile.name)")
            #expect(files.contains { !$0.hasPrefix("good") }, "\(profile.name)")
        }
        #expect(Set(Self.files.map(\.device)).isSubset(of: DeviceProfile.library.map(\.name)))
    }
}
