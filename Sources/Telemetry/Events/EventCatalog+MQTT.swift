internal import Logging

// Broker connections, and the journal that a broker may keep.
extension EventCatalog {
    static let mqtt: [EventDescription] = [
        session("mqtt.connecting", .debug, "An attempt begins."),
        session(
            "mqtt.accepted", .debug, fields: [.truth("session_present", "whether the broker remembers the session")],
            "The broker has let us in."),
        session(
            "mqtt.unsubscribing", .info, fields: [.text("filters", "which")],
            "Filters of an earlier configuration are taken back."),
        session(
            "mqtt.connected", .info, fields: [.integer("connects", "connections so far")], "Subscribed: messages flow."),
        session("mqtt.caught_up", .info, "What the broker had kept has been read."),
        EventDescription(
            "mqtt.routes_changed", .info, fields: [.text("filters", "what is subscribed now")] + nodeContext,
            "Messages are read by other routes from here on."),
        EventDescription(
            "mqtt.disconnected", .info, or: .warning, fields: ending + [.reason] + context,
            "The connection has ended: info when it was meant to, warning when it was lost."),
        EventDescription("mqtt.connect_failed", .warning, fields: ending + context, "An attempt came to nothing."),
        EventDescription(
            "mqtt.refused", .error, fields: ending + context, "The broker says no: to name, password or client id."),
        EventDescription(
            "mqtt.tls_failed", .error, fields: ending + context,
            "No secure connection: a certificate or a name is wrong."),
        EventDescription(
            "mqtt.taken_over", .error, fields: ending + context,
            "Another client uses our client id and takes the session."),
        session(
            "mqtt.subscription_refused", .error, fields: [.error], "The broker does not let us read some topics."),
        session(
            "mqtt.certificate_expires", .warning, fields: [.integer("days_left", "until it does")],
            "The broker's certificate ends soon."),
        session(
            "mqtt.broker_dropped", .warning,
            fields: [.integer("messages", "since it last said so"), .integer("total", "since the broker's start")],
            "The broker has dropped messages for subscribers that were too slow or away; they may have been for us."),
        session(
            "mqtt.stopped_unacknowledged", .warning, fields: [.integer("waited_ms", "for the commit")],
            "At the stop something was not committed in time; the broker delivers it again."),
    ]

    static let sparkplug: [EventDescription] = [
        EventDescription(
            "sparkplug.state", .info,
            fields: [.text("host", "our name among hosts"), .truth("online", "whether we are")] + nodeContext,
            "Edge nodes are told whether we are there."),
        EventDescription(
            "sparkplug.rebirth_asked", .info, fields: [.text("node", "group and edge node")] + nodeContext,
            "An edge node is asked to send its births again."),
        EventDescription(
            "sparkplug.died", .info,
            fields: [
                .integer("sensors", "how many the message names"), .truth("whole_node", "whether the edge node died"),
                .text("first", "the first of its sensors"),
            ] + nodeContext, "An edge node or a device has told that it dies."),
        EventDescription(
            "sparkplug.unpublished", .debug, fields: [.text("topic", "where to"), .reason] + nodeContext,
            "Something could not be said, because the connection is ending."),
        EventDescription(
            "sparkplug.no_will", .warning, fields: [.error] + nodeContext,
            "The broker will not tell edge nodes when we vanish."),
    ]

    private static let nodeContext: [EventDescription.Field] = [.context("broker", "the connection's name")]

    static let journal: [EventDescription] = [
        EventDescription(
            "journal.opened", .info,
            fields: place + [.truth("is_known", "whether the store knows where we stood in it")] + journalContext,
            "The broker's journal is read beside what it delivers."),
        EventDescription(
            "journal.replayed", .notice, fields: [.integer("messages", "taken from it")] + place + journalContext,
            "Messages that the broker had lost were taken from its journal."),
        EventDescription(
            "journal.begun_anew", .warning, fields: trouble + journalContext, "The journal is another one than before."),
        EventDescription("journal.gap", .error, fields: trouble + journalContext, "A part of the journal is missing."),
        EventDescription(
            "journal.damaged", .error, fields: trouble + journalContext, "A part of the journal can't be read."),
        EventDescription(
            "journal.unavailable", .error, fields: [.error] + journalContext,
            "The journal can't be read; deliveries pass as they come."),
        EventDescription(
            "journal.consumer_unwritable", .warning, fields: [.error] + journalContext,
            "The broker can't be told how far we have read, and keeps its journal longer."),
    ]

    private typealias Field = EventDescription.Field

    private static let context: [Field] = [
        .context("broker", "the connection's name"), .context("peer", "host and port"),
        .context("destination", "the destination that it belongs to, if it does"),
    ]
    private static let journalContext: [Field] = [
        .context("broker", "the connection's name"), .context("journal", "its folder"),
    ]
    private static let ending: [Field] = [
        .error, .text("code", "the kind of error, a stable word"), .integer("retry_ms", "until the next attempt"),
    ]
    private static let place: [Field] = [
        .integer("segment", "the file's number"), .integer("offset", "the byte in it"),
    ]
    private static let trouble: [Field] =
        [.error, .text("code", "the kind of trouble, a stable word")] + place
        + [.integer("skipped_bytes", "what was passed over")]

    private static func session(
        _ name: String, _ level: Logger.Level, fields: [Field] = [], _ meaning: String
    ) -> EventDescription {
        EventDescription(name, level, fields: fields + context, meaning)
    }
}
