internal import Logging

// The daemon's own life.
extension EventCatalog {
    static let daemon: [EventDescription] = [
        EventDescription(
            "daemon.starting", .info,
            fields: [.text("version", "the program's"), .text("configuration", "where it comes from")],
            "The configuration is good and the start begins."),
        EventDescription(
            "daemon.ready", .info, fields: [.integer("http_port", "where the pages and the API are")],
            "Everything has started."),
        EventDescription("daemon.stopped", .info, "Everything has ended in order."),
        EventDescription(
            "daemon.crashed", .critical,
            fields: [.integer("signal", "the kernel's number: 4 or 5 also where memory ran out")],
            "The process dies of a fault in the program, or for want of memory. On standard error, in JSON whatever the format; "
                + "within ten seconds it is gone, and systemd starts it again."),
        EventDescription(
            "configuration.warning", .warning, fields: [.text("problem", "what, where, and what good looks like")],
            "Something in the configuration is probably not meant so."),
        EventDescription(
            "recovery.saved_state_unusable", .warning, fields: [.reason, .effect],
            "The state that was saved can't be used."),
        EventDescription(
            "recovery.progress", .info,
            fields: [
                .text("stage", "`database`, `saved_state`, `registry`, `taking_over`, `replay` or `changes`"),
                .integer("sensors", "known again so far"), .integer("readings", "met again so far"),
            ],
            "A start goes on: said each second of it."),
        EventDescription(
            "recovery.sensors_afresh", .warning,
            fields: [
                .integer("sensors", "how many"), .text("first_reason", "why, of the first of them"), .effect,
            ], "The saved state of some sensors can't be used."),
        EventDescription(
            "recovery.strays", .warning,
            fields: [.integer("entries", "readings, and signs of life"), .effect],
            "The stored stream has entries of sensors that are not stored: the database is damaged."),
        EventDescription(
            "recovery.done", .info,
            fields: [
                .integer("sensors", "known ones"), .integer("readings", "met again"),
                .integer("sensors_restored", "whose state was saved"), .integer("ms", "how long it took"),
            ], "The state is as it was at the last commit."),
        EventDescription(
            "registry.changed", .notice,
            fields: [
                .integer("sensors_described", "that it describes otherwise than they were stored"),
                .integer("sensors_afresh", "that begin anew"), .text("first_reason", "why, of the first of them"),
            ], "The registry was edited while nobody ran; it holds behind what had been stored by then."),
        EventDescription(
            "rules.changed", .notice,
            fields: [
                .text("rules", "the rule set's hash"),
                .integer("sensors_kept", "that go on with what they had learned"),
                .integer("sensors_afresh", "that begin anew"), .text("first_reason", "why, of the first of them"),
            ], "From here on in the stream these rules hold."),
        EventDescription(
            "rules.unreadable", .warning, fields: [.text("rules", "the rule set's hash"), .effect],
            "Rules of the stored stream mean nothing to this version."),
        EventDescription(
            "reload.done", .notice, fields: [.integer("ms", "how long it took")], "The changed configuration holds."),
        EventDescription(
            "reload.refused", .error, fields: [.text("problem", "what, where, and what good looks like"), .effect],
            "The changed configuration is wrong: a line for each problem."),
        EventDescription(
            "reload.needs_restart", .warning,
            fields: [
                .text("setting", "the key"), .text("running", "its value until then"),
                .text("configured", "its value in the file"),
            ], "A changed key that only the next start applies."),
        EventDescription(
            "reload.uncommitted", .warning, fields: [.text("rules", "the rule set's hash"), .effect],
            "New rules hold, but the store could not write that yet."),
        EventDescription(
            "watchdog.stuck", .critical,
            fields: [.text("thread", "which"), .integer("since_ms", "since it went round last"), .effect],
            "A thread of the data path does not go round any more."),
        EventDescription(
            "watchdog.recovered", .notice, fields: [.text("thread", "which")], "The thread goes round again."),
        EventDescription(
            "log.behind", .warning, fields: [.integer("decisions_lost", "lines that were never written")],
            "Decisions came faster than the log takes them; they are in the store all the same."),
        EventDescription(
            "log.tape_unavailable", .warning, fields: [.reason, .effect],
            "Events are not kept: `sluice tail` shows nothing."),
        EventDescription(
            "local.unavailable", .warning, fields: [.text("path", "the socket's"), .reason],
            "The local socket does not work: commands can't reach the daemon."),
    ]

    // What people and their programs want.
    static let serving: [EventDescription] = [
        EventDescription(
            "http.listening", .info, fields: [.text("host", "the address"), .integer("port", "the port")],
            "The web server takes connections."),
        EventDescription(
            "http.certificate_expires", .warning, fields: [.integer("days_left", "until it does; below 0 once it has")],
            "The certificate of the web server ends soon, and nothing has renewed it."),
        EventDescription(
            "http.certificate_renewed", .notice, fields: [.integer("days_left", "until it ends")],
            "The files of the certificate have changed; new connections get the new one."),
        EventDescription(
            "http.certificate_unreadable", .error, fields: [.reason, .effect],
            "The files of the certificate can't be used any more."),
        EventDescription("http.stopped", .info, "The web server has ended."),
        EventDescription(
            "http.no_map_library", .notice, fields: [.text("folder", "where it should be")],
            "The page has no map: install libjs-leaflet."),
        EventDescription(
            "http.failed", .error, fields: [.text("route", "which"), .error],
            "A request could not be answered: a bug, or a store that can't be read."),
        EventDescription(
            "key.refused", .notice,
            fields: [.text("address", "who asked"), .text("role", "what the key should allow"), .reason],
            "Somebody wrote with a key that does not hold."),
        EventDescription(
            "key.public_unknown", .warning, fields: [.effect],
            "http.public_key is no key that may report."),
        EventDescription(
            "pseudonyms.not_kept", .warning, fields: [.reason, .effect],
            "The secret behind public pseudonyms could not be stored."),
        EventDescription(
            "desk.unavailable", .warning, fields: [.reason], "What people send can't be taken at the moment."),
        EventDescription(
            "desk.round_failed", .warning,
            fields: [
                .text("duty", "what was to be done"), .reason,
                .integer("failures", "how many this one stands for, since the last one told; none in the first"),
            ],
            "A round of tidying what people sent failed; the next one tries again. Told when it begins, and every ten minutes."
        ),
        EventDescription(
            "desk.round_succeeded", .notice,
            fields: [
                .text("duty", "what was to be done"), .integer("failures", "how many there were"),
                .text("lasted", "since the first"),
            ], "A duty that had failed is done again."),
        EventDescription(
            "reporters.erased", .info, fields: [.integer("count", "how many")],
            "Personal data of reporters went because of its age."),
        EventDescription(
            "desk.photo_refused", .warning, fields: [.reason], "A report came with a photo that could not be kept."),
        EventDescription(
            "photos.removed", .info, fields: [.integer("count", "how many")],
            "Photos went that no request names, or whose requests were closed long ago."),
        EventDescription(
            "photos.sweep_failed", .warning, fields: [.reason],
            "Photos that nobody needs could not be looked for; tomorrow they are again."),
    ]
}
