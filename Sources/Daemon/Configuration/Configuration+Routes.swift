package import Readings

extension Configuration {
    /// How messages of some topics become readings, and messages to try that with. One item of `routes`.
    package struct RouteEntry: Sendable, Equatable {
        /// Keys `name`, `topic` (both required), `format`, `kind`, `quantity` and `unit`.
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

    /// A message to try a route with. One item of a route's `samples`.
    package struct Sample: Sendable, Equatable {
        /// Key `topic`: the route's, with captures and wildcards filled in.
        package var topic = ""
        /// Key `payload`.
        package var payload = ""

        static let keys: [Key<Self>] = [
            .scalar("topic", \.topic, .text),
            .scalar("payload", \.payload, .payload),
        ]
    }
}

extension Syntax where Value == MeasurementUnit {
    static let unit = Syntax(
        expected: "a unit: " + MeasurementUnit.allCases.map(\.symbol).filter { !$0.isEmpty }.alternatives,
        parse: { text in text.isEmpty ? nil : MeasurementUnit(symbol: text) },
        show: \.symbol)
}
