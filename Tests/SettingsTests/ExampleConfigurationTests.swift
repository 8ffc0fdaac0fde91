import Settings
import FoundationEssentials
import Testing

/// The shipped `deploy/sluice.yaml`: it loads, it shows every key with its default, and each key has its words.
@Suite struct ExampleConfigurationTests {
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "deploy/sluice.yaml"), encoding: .utf8)
    }

    /// What has its secret in a file or in a variable, and not in both.
    private static let secrets = ["password", "secret", "api_key"]

    /// The example with its keys uncommented, but for the one source of each secret. `#key` is a key, `# words` are words.
    private func everything(without excluded: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let mark = line.firstIndex(of: "#"), line[..<mark].allSatisfy({ $0 == " " }) else {
                return String(line)
            }
            let rest = line[line.index(after: mark)...]
            guard let first = rest.first, first != " ", !Self.secrets.contains(where: { rest.hasPrefix($0 + excluded) })
            else { return String(line) }
            return String(line[..<mark] + rest)
        }.joined(separator: "\n")
    }

    private func load(_ yaml: String) throws -> Configuration.Loaded {
        try Configuration.parse(yaml, source: "sluice.yaml", files: .none)
    }

    @Test func asShippedItIsTheDefaultWithTheInstalledFolder() throws {
        var expected = Configuration()
        expected.storage.directory = "/var/lib/sluice"
        let loaded = try load(text)
        #expect(loaded.configuration == expected)
        #expect(loaded.warnings.isEmpty)
    }

    @Test func everyKeyIsInIt() throws {
        // The two sources of a secret exclude each other, so that it takes two readings to see both.
        let readings = [try load(everything(without: "_env")), try load(everything(without: "_file"))]
        // A key of a list's items is shown once, in whichever item; fields are the same within a series.
        func keys(_ settings: [Setting]) -> Set<String> {
            Set(
                settings.map {
                    $0.key.replacing(/\[[0-9]+\]/, with: "[]").replacing(
                        "routes[].series[].fields", with: "routes[].fields")
                })
        }
        let settings = readings.flatMap(\.settings)
        let shown = keys(settings.filter { $0.place != .standard })
        let known = keys(settings).filter { key in !shown.contains { $0.hasPrefix("\(key)[]") } }
        // The list of brokers has the keys of the short form and is described in words; the others exclude one that is shown.
        #expect(
            known.subtracting(shown) == [
                "mqtt.brokers", "mqtt.sparkplug", "routes[].sensor_field", "routes[].columns",
                "routes[].samples[].payload_hex",
                "routes[].fields[].sensor",
            ])
        #expect(known.count > 100)
    }

    @Test func whatItShowsAreTheDefaults() throws {
        let defaults = try load("").settings
        let shown = try load(everything(without: "_env")).settings
        // These have a value as shipped that no laptop has.
        let installed: Set = ["data.directory", "mqtt.port"]
        for setting in defaults where setting.value != nil && !installed.contains(setting.key) {
            #expect(shown.first { $0.key == setting.key }?.value == setting.value, "\(setting.key)")
        }
    }

    @Test func everyKeyHasItsWords() {
        var described: Set<String> = []
        var section = ""
        var before = ""
        for line in everything(without: "nothing").split(separator: "\n").map(String.init) {
            defer { before = line }
            let bare = line.drop { $0 == " " || $0 == "-" }
            guard let colon = bare.firstIndex(of: ":"), !bare.hasPrefix("#") else { continue }
            if !line.hasPrefix(" ") {
                section = String(bare[..<colon])
                continue
            }
            // A rule's keys are described once, at the first rule.
            let key = "\(section).\(bare[..<colon])"
            let hasWords = before.drop { $0 == " " }.hasPrefix("#") || described.contains(key)
            #expect(hasWords, "\(key) needs a comment above it")
            described.insert(key)
        }
    }
}
