package import Readings

extension Configuration {
    /// How messages of some topics become readings, and messages to try that with. One item of `routes`.
    package struct RouteEntry: Sendable, Equatable {
        /// Keys `name`, `topic` (both required), `format`, `kind`, `quantity`, `unit`, `profile`, `sensor`, `sensor_field`,
        /// `time_field`, `time_unit`, `counter_field`, `interval`, `depth_mm`, `full_mm`, `columns`, `delimiter`, `fields`
        /// and `series`.
        package var route = Route.standard
        /// Messages that `sluice check` decodes. Key `samples`.
        package var samples: [Sample] = []

        static let keys: [Key<Self>] = [
            .scalar("name", \.route.name, .name),
            topic,
            .scalar("format", \.route.format, .word(PayloadFormat.allCases) { $0.name }),
            .optional("kind", \.route.kind, .word(SensorKind.allCases) { $0.name }),
            .optional("quantity", \.route.quantity, .word(Quantity.allCases) { $0.name }),
            .optional("unit", \.route.unit, .unit),
            .optional("profile", \.route.profile, .profile),
            .optional("sensor", \.route.sensor, .text),
            .optional("sensor_field", \.route.sensorField, .text),
            .optional("time_field", \.route.timeField, .text),
            .scalar("time_unit", \.route.timeUnit, .word(TimeUnit.allCases) { $0.name }),
            .optional("counter_field", \.route.counterField, .text),
            .optional("interval", \.route.intervalS, .seconds(.seconds(1) ... .seconds(366 * 86_400))),
            .optional("depth_mm", \.depthMM, .number(10...100_000)),
            .optional("full_mm", \.fullMM, .number(0...100_000)),
            .scalar("columns", \.route.columns, .names),
            .scalar("delimiter", \.route.delimiter, .payload),
            .list("fields", \.route.fields, RouteField.keys) { RouteField("", .generic) },
            .list("series", \.route.series, RouteSeries.keys) { RouteSeries("", time: "", fields: []) },
            .list("samples", \.samples, Sample.keys) { Sample() },
        ]

        private static let topic = Key<Self>(name: "topic") { entry, path, item, reader in
            if let text = reader.scalar(entry, at: path, .text) {
                do throws(TopicPatternError) {
                    item.route.topic = try TopicPattern(text)
                } catch {
                    reader.report(path, "must be a topic filter such as city/{kind}/{sensor}; \(error)")
                }
            }
            reader.note(path, item.route.topic.text)
        }
    }

    /// A message to try a route with, and what it should become. One item of a route's `samples`.
    package struct Sample: Sendable, Equatable {
        /// Key `topic`: the route's, with captures and wildcards filled in.
        package var topic = ""
        /// Key `payload`.
        package var payload = ""
        /// The payload of a binary format, two digits a byte. Key `payload_hex`.
        package var payloadHex: [UInt8]?
        /// What `sluice routes test` compares with, in order: `fill_pct 41.5`, or the reason of the quarantine. Key `expect`.
        package var expect: [String] = []

        /// The payload's bytes.
        package var bytes: [UInt8] { payloadHex ?? Array(payload.utf8) }

        static let keys: [Key<Self>] = [
            .scalar("topic", \.topic, .text),
            .scalar("payload", \.payload, .payload),
            .optional("payload_hex", \.payloadHex, .hexadecimal),
            .scalar("expect", \.expect, .names),
        ]
    }
}

extension Configuration.RouteEntry {
    /// The mounting is written as two keys.
    fileprivate var depthMM: Double? {
        get { route.mounting?.depthMM }
        set { route.mounting = newValue.map { Mounting(depthMM: $0, fullMM: route.mounting?.fullMM ?? 0) } }
    }

    fileprivate var fullMM: Double? {
        get { route.mounting?.fullMM }
        set {
            // Without a depth there is nothing that could be full; then the check of the route says so.
            guard let newValue else { return }
            route.mounting = Mounting(depthMM: route.mounting?.depthMM ?? 0, fullMM: newValue)
        }
    }
}

extension RouteField {
    /// One item of a route's `fields`.
    static let keys: [Key<Self>] = [
        .scalar("path", \.path, .text),
        .scalar("quantity", \.quantity, .word(Quantity.allCases) { $0.name }),
        .optional("unit", \.unit, .unit),
        .optional("per", \.periodS, .seconds(.seconds(1) ... .seconds(366 * 86_400))),
        .scalar("age", \.ageS, .seconds(.seconds(0) ... .seconds(366 * 86_400))),
        wordsKey,
        .scalar("faults", \.faults, .names),
        .scalar("text", \.isText, .flag),
        .optional("closed_from", \.closedFrom, .number(-1e12...1e12)),
        .scalar("sum", \.isSum, .flag),
        .optional("sensor", \.part, .text),
    ]

    private static let wordsKey = Key<Self>(name: "words") { entry, path, field, reader in
        if let words = reader.numbers(entry, at: path) { field.words = words }
        let shown = field.words.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        reader.note(path, shown.isEmpty ? nil : shown.joined(separator: ", "))
    }
}

extension RouteSeries {
    /// One item of a route's `series`.
    static let keys: [Key<Self>] = [
        .scalar("path", \.path, .text),
        .scalar("time", \.time, .text),
        .scalar("time_unit", \.timeUnit, .word(TimeUnit.allCases) { $0.name }),
        .list("fields", \.fields, RouteField.keys) { RouteField("", .generic) },
    ]
}

extension Syntax where Value == DeviceProfile {
    static let profile = Syntax(
        expected: "a device model: " + DeviceProfile.library.map(\.name).alternatives,
        parse: { DeviceProfile(name: $0) }, show: \.name)
}

extension Syntax where Value == [String] {
    /// Names with commas between them.
    static let names = Syntax(
        expected: "names with commas between them",
        parse: { text in
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimming(while: \.isWhitespace)
            }
            return names.contains("") ? nil : names
        }, show: { $0.joined(separator: ", ") })
}

extension Syntax where Value == [UInt8] {
    /// Two digits a byte, white space between them allowed.
    static let hexadecimal = Syntax(
        expected: "bytes as pairs of hexadecimal digits",
        parse: { text in
            let digits = text.filter { !$0.isWhitespace }.map(\.hexDigitValue)
            guard digits.count.isMultiple(of: 2) else { return nil }
            var bytes: [UInt8] = []
            for index in stride(from: 0, to: digits.count, by: 2) {
                guard let high = digits[index], let low = digits[index + 1] else { return nil }
                bytes.append(UInt8(high * 16 + low))
            }
            return bytes
        },
        show: { bytes in bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() })
}

extension Substring {
    fileprivate func trimming(while isEdge: (Character) -> Bool) -> String {
        var rest = self
        while let first = rest.first, isEdge(first) { rest.removeFirst() }
        while let last = rest.last, isEdge(last) { rest.removeLast() }
        return String(rest)
    }
}

extension Syntax where Value == MeasurementUnit {
    static let unit = Syntax(
        expected: "a unit: " + MeasurementUnit.allCases.map(\.symbol).filter { !$0.isEmpty }.alternatives,
        parse: { text in text.isEmpty ? nil : MeasurementUnit(symbol: text) },
        show: \.symbol)
}
