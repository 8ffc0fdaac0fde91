internal import Logging

// What was decided of a reading, a signal, a sensor or a message, after the commit that holds it.
extension EventCatalog {
    static let decisions: [EventDescription] = [
        decision(
            "incident.pending", .debug, "A rule's condition has begun to hold; it has to last before anything is filed."
        ),
        decision("incident.dismissed", .debug, "It did not last: nothing was filed."),
        decision(
            "incident.cleared", .debug,
            "One sensor's signal has ended, and its request does not end with it: others go on, or staff closed it before."
        ),
        decision(
            "incident.suppressed", .debug,
            "A signal raises nothing, because staff closed its request as a false alarm and it has not been quiet since."
        ),
        decision("request.opened", .info, "A service request was filed."),
        decision(
            "request.joined", .debug, "One more sensor belongs to a request that was open already: they are one cause."),
        decision("request.updated", .info, "A request has become graver, or something of it that people are told."),
        decision("request.reopened", .info, "A closed request was opened again: it recurred, or goes on."),
        decision("request.closed", .info, "A request was closed, because the signal has cleared or somebody said so."),
        decision("sensor.adopted", .debug, "A sensor spoke for the first time and is listened to."),
        decision(
            "sensor.refused", .warning,
            "A sensor is not listened to; its messages go to quarantine. Ten are named in a minute, the rest is counted."
        ),
        decision(
            "sensor.clock_back", .warning,
            "A sensor's clock stands earlier than before; its readings are judged from there on."),
        decision(
            "sensor.shed", .warning, "A sensor sends more than its quota; what is above it is counted and not stored."),
        decision(
            "reading.late", .debug,
            "Readings came behind newer ones of their sensor: they are kept as history and open nothing. One line a minute a sensor."
        ),
        decision(
            "reading.clamped", .info,
            "Readings claimed to come from the future and were taken at their arrival. One line a minute a sensor."),
        EventDescription(
            "message.quarantined", .warning,
            fields: [
                .integer("quarantine", "its number: `sluice quarantine show` takes it"),
                .text("reason", "the kind of fault, a stable word"), .text("topic", "where it was published"),
                .text("detail", "what was found where, and what is right"), .integer("bytes", "length of the payload"),
                .integer("count", "how many messages of one commit this line stands for"),
            ], "A message could not be decoded and is kept whole."),
    ]

    private static func decision(_ name: String, _ level: Logger.Level, _ meaning: String) -> EventDescription {
        EventDescription(
            name, level,
            fields: [
                .text("sensor", "the sensor's id, or a gateway's"), .reason,
                .integer("request", "the request's id"), .text("rule", "the rule that decided"),
                .text("service", "the service's code"), .text("ward", "the sensor's ward"),
                .integer("count", "how many of the same since the last line it stands for"),
            ], meaning)
    }
}
