internal import Logging

// The store, and those who are told of what it holds.
extension EventCatalog {
    static let store: [EventDescription] = [
        EventDescription(
            "store.stalled", .error, fields: [.reason, .text("state", "stalled, full, read_only or damaged"), .effect],
            "A commit failed; nothing is acknowledged until one succeeds."),
        EventDescription(
            "store.recovered", .notice,
            fields: [.text("stalled", "for how long"), .integer("failures", "of a full disk: how many there were")],
            "Commits succeed again; after a full disk: and there is space."),
        EventDescription(
            "store.full", .error,
            fields: [
                .reason, .integer("reserve_bytes", "set aside for requests"), .effect,
                .integer("failures", "how many this one stands for, since the last one told; none in the first"),
            ],
            "The disk is full, or the database at its limit. Told when it begins, and once a minute while it lasts."),
        EventDescription(
            "store.requests_filed_alone", .notice, fields: [.integer("batches", "whose requests they are"), .effect],
            "Requests were filed from the reserve, without their readings."),
        EventDescription(
            "store.requests_not_filed", .critical, fields: [.reason], "Not even requests can be filed."),
        EventDescription("store.reserve_restored", .notice, "The reserve for a full disk is there again."),
        EventDescription(
            "store.reserve_missing", .warning, fields: [.effect], "The reserve for a full disk could not be made."),
        EventDescription(
            "store.durability_lowered", .warning, fields: [.effect],
            "`data.durability` is `crash`: commits don't wait for the disk."),
        EventDescription(
            "store.stopped_uncommitted", .error, fields: [.reason, .effect],
            "At the stop something could not be committed."),
        EventDescription(
            "store.keeping_failed", .warning, fields: [.reason],
            "A step of folding or tidying failed; it is tried again."),
        EventDescription(
            "store.checkpoint_failed", .warning, fields: [.reason], "The write-ahead log could not be emptied."),
        EventDescription(
            "store.close_failed", .warning, fields: [.reason], "The database could not be closed in order."),
        EventDescription(
            "store.row_refused", .critical,
            fields: [
                .text("table", "which"), .text("row", "its key"), .reason,
                .integer("refused_in_commit", "rows that the commit had to leave out"),
            ], "The database would not have a row: a bug. The rest was committed."),
        EventDescription(
            "store.damaged", .critical,
            fields: [
                .reason, .text("moved_to", "where the damaged file is now"),
                .integer("salvaged_requests", "copied from it"), .integer("salvaged_sensors", "copied from it"),
                .effect,
            ], "The database was damaged; a new one was begun."),
        EventDescription(
            "store.damage_not_confirmed", .error, fields: [.reason, .effect],
            "The database looked damaged and then did not."),
        EventDescription(
            "history.expired_early", .warning,
            fields: [
                .text("tier", "what goes"), .integer("before_ms", "of before this time"),
                .text("becomes", "what is left of it"), .reason,
            ], "History goes early, because space runs out."),
    ]

    static let forwarding: [EventDescription] = [
        delivery("forward.delivered", .debug, "A change of a request has arrived."),
        delivery("forward.withheld", .debug, "A change is not for this destination any more."),
        delivery("forward.postponed", .debug, "The destination asked to be told later."),
        EventDescription(
            "forward.retried", .info, fields: change + [.integer("retry_ms", "until the next attempt")] + destination,
            "An attempt failed and is repeated."),
        delivery("forward.dead", .error, "A change was given up and waits for a person's word: see `sluice outbox`."),
        EventDescription(
            "forward.destination_down", .warning, fields: [.reason] + destination, "A destination takes nothing."),
        EventDescription(
            "forward.destination_up", .notice, fields: [.integer("failures", "in a row before")] + destination,
            "A destination takes what it is sent again."),
        EventDescription(
            "forward.swept", .warning,
            fields: [.integer("given_up", "changes"), .integer("removed", "of those given up long ago")] + destination,
            "The outbox was at its limit."),
        EventDescription(
            "forward.store_unreadable", .warning, fields: [.error] + destination, "The outbox can't be read."),
        EventDescription(
            "forward.not_noted", .warning, fields: [.error] + destination, "What was delivered can't be noted yet."),
        EventDescription(
            "forward.tidying_failed", .info, fields: [.error] + destination, "Retained topics could not be tidied."),
        EventDescription(
            "forward.sweep_failed", .info, fields: [.error] + destination, "The outbox could not be swept."),
    ]

    private typealias Field = EventDescription.Field

    private static let destination: [Field] = [.context("destination", "its name")]
    private static let change: [Field] = [
        .integer("outbox", "the row"), .integer("request", "the request's id"), .text("update", "which change of it"),
        .integer("attempt", "which"), .reason,
    ]

    private static func delivery(_ name: String, _ level: Logger.Level, _ meaning: String) -> EventDescription {
        EventDescription(name, level, fields: change + destination, meaning)
    }
}
