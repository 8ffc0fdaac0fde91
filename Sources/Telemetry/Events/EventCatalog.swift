/// Every event that the daemon logs: the one table behind `sluice events` and deploy/reference/events.md. A test holds it
/// against the sources.
public enum EventCatalog {
    /// By name.
    public static let events = (decisions + daemon + mqtt + sparkplug + journal + store + forwarding + serving)
        .sorted { $0.name < $1.name }

    public static func event(named name: String) -> EventDescription? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: events.map { ($0.name, $0) })

    /// What every line has besides the event's own fields.
    public static let lineFields: [EventDescription.Field] = [
        .text("time", "when, in UTC with milliseconds; in a demo by the city's clock"),
        .text("level", "trace, debug, info, notice, warning, error or critical"), .text("event", "which event this is"),
        .text("logger", "which program"),
        .integer("repeated", "how many lines this one stands for, where a flood of the same event was held back"),
        .integer("seq", "the line's number on the tape that `sluice tail` reads; only there"),
    ]
}
