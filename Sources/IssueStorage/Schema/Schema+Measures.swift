internal import GRDB

extension Schema {
    /// Goals, aggregates and what was known when. Version 3.
    static let measureTables = """
        -- What one request adds to the aggregates: what was added is taken away again when the request changes.
        CREATE TABLE measure_fact (
            request_id INTEGER PRIMARY KEY,
            raised_at INTEGER NOT NULL,
            service TEXT NOT NULL,
            ward TEXT NOT NULL,                 -- '' for none
            cell TEXT,                          -- of the grid; NULL without a position
            flags INTEGER NOT NULL,             -- MeasureFact.Flags
            lead_s INTEGER,                     -- raised by a sensor → first reported by a person
            acknowledge_s INTEGER,              -- raised → first act of staff
            close_s INTEGER,                    -- raised → closed
            saved_unit INTEGER NOT NULL,        -- SavedUnit, or 0
            saved INTEGER NOT NULL, saved_low INTEGER NOT NULL, saved_high INTEGER NOT NULL   -- thousandths
        ) STRICT;
        CREATE INDEX measure_fact_by_time ON measure_fact (raised_at);
        -- Sums of facts by the week in which the request was raised. All integers, so that taking away leaves no trace.
        CREATE TABLE measure_week (
            week INTEGER NOT NULL,              -- Mondays since 1969-12-29
            service TEXT NOT NULL,
            ward TEXT NOT NULL,
            requests INTEGER NOT NULL, open INTEGER NOT NULL, by_people INTEGER NOT NULL,
            reported INTEGER NOT NULL, detected_before INTEGER NOT NULL,
            promised INTEGER NOT NULL, kept INTEGER NOT NULL,
            reviewed INTEGER NOT NULL, false_alarms INTEGER NOT NULL,
            fillings INTEGER NOT NULL, emptied INTEGER NOT NULL,
            litres_from INTEGER NOT NULL, litres INTEGER NOT NULL, litres_low INTEGER NOT NULL,
            litres_high INTEGER NOT NULL,
            hours_from INTEGER NOT NULL, hours INTEGER NOT NULL, hours_low INTEGER NOT NULL,
            hours_high INTEGER NOT NULL,
            times BLOB NOT NULL,                -- three SpanHistograms: lead, acknowledge, close
            PRIMARY KEY (week, service, ward)
        ) STRICT, WITHOUT ROWID;
        -- Requests a day at each place: DaySeries.
        CREATE TABLE place_series (
            kind INTEGER NOT NULL,              -- PlaceKind
            place TEXT NOT NULL,
            service TEXT NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (kind, place, service)
        ) STRICT, WITHOUT ROWID;
        -- From when to when each sensor was heard; in steps behind the history.
        CREATE TABLE listening (
            sensor INTEGER PRIMARY KEY,         -- sensor.number
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL
        ) STRICT;
        -- Requests whose fact may not be what the request says any more.
        CREATE TABLE measure_due (request_id INTEGER PRIMARY KEY) STRICT;
        INSERT INTO measure_due SELECT id FROM request;
        -- Each holds all that requests are asked by, so that pages and totals are found without reading the requests. Each
        -- still ends in what makes newest first a walk backwards.
        DROP INDEX request_by_time;
        DROP INDEX request_by_status;
        DROP INDEX request_by_service;
        CREATE INDEX request_by_time ON request
            (requested_at, id, status, service, updated_at, latitude, longitude);
        CREATE INDEX request_by_status ON request
            (status, requested_at, id, service, updated_at, latitude, longitude);
        CREATE INDEX request_by_service ON request
            (service, requested_at, id, status, updated_at, latitude, longitude);
        CREATE INDEX request_by_update ON request
            (updated_at, requested_at, id, status, service, latitude, longitude);
        -- Clients that mirror requests ask for the updates since they last asked.
        CREATE INDEX request_update_by_time ON request_update (at, request_id, number);
        -- What is late is asked of time; only open requests can be.
        CREATE INDEX request_open_by_promise ON request (expected_at, requested_at, service, ward, word)
            WHERE status = 'open';
        CREATE TRIGGER measure_due_insert AFTER INSERT ON request BEGIN
            INSERT INTO measure_due VALUES (NEW.id) ON CONFLICT DO NOTHING;
        END;
        CREATE TRIGGER measure_due_update AFTER UPDATE ON request BEGIN
            INSERT INTO measure_due VALUES (NEW.id) ON CONFLICT DO NOTHING;
        END;
        CREATE TRIGGER measure_due_note AFTER INSERT ON request_update BEGIN
            INSERT INTO measure_due VALUES (NEW.request_id) ON CONFLICT DO NOTHING;
        END;

        """

    /// What happened around a place at any time is found by where it is. Version 4. The index holds what else requests are
    /// asked by, as those by time do.
    static let placeIndex = """
        CREATE INDEX request_by_place ON request
            (latitude, longitude, requested_at, id, status, service, updated_at);

        """

    /// What staff found of what rules had raised: few rows, whatever the store holds. Version 5.
    static let verdictIndex = """
        CREATE INDEX request_by_verdict ON request (service, detector, verdict, requested_at, ward)
            WHERE \(DetectorFindings.condition);
        """

    /// What is late, without duplicates, which are late with what they are duplicates of. Version 4. What counts as a duplicate
    /// was known by its last word before, which changes: all facts are looked at again.
    static let lateIndex = """
        DROP INDEX request_open_by_promise;
        CREATE INDEX request_open_by_promise ON request (expected_at, requested_at, service, ward)
            WHERE status = 'open' AND \(MeasureFact.isNoDuplicate);
        INSERT INTO measure_due SELECT id FROM request WHERE true ON CONFLICT DO NOTHING;

        """

    /// Table `request_version`: each request as its public changes left it, appended and never changed again.
    ///
    /// Its columns are those of `request` as this version of the schema leaves it, so that both are read alike. A version
    /// is known by the request's id and its `updated_at`. Triggers append: whoever writes a request, its history is
    /// kept, and writing again what is there already (a replay) changes nothing. Two public changes within one
    /// millisecond are one version. What was changed before this table existed is not known: older requests begin with
    /// the state in which it found them.
    static func createRequestVersions(_ db: Database) throws {
        let columns = try db.columns(in: "request").map(\.name)
        let list = columns.joined(separator: ", ")
        let new = columns.map { "NEW.\($0)" }.joined(separator: ", ")
        let changes = columns.filter { $0 != "id" && $0 != "updated_at" }.map { "\($0) = excluded.\($0)" }
        let append = """
            INSERT INTO request_version (\(list)) VALUES (\(new))
                ON CONFLICT (id, updated_at) DO UPDATE SET \(changes.joined(separator: ", "));
            """
        // What moves without being told (when it was last seen, one more sensor) is not a version.
        try db.execute(
            sql: """
                CREATE TABLE request_version (version INTEGER PRIMARY KEY, \(list));
                CREATE UNIQUE INDEX request_version_by_request ON request_version (id, updated_at);
                INSERT INTO request_version (\(list)) SELECT \(list) FROM request ORDER BY id;
                CREATE TRIGGER request_version_first AFTER INSERT ON request BEGIN
                \(append)
                END;
                CREATE TRIGGER request_version_next AFTER UPDATE ON request
                WHEN NEW.updated_at <> OLD.updated_at OR (NEW.status, NEW.word, NEW.status_notes, NEW.verdict, NEW.parent_id)
                    IS NOT (OLD.status, OLD.word, OLD.status_notes, OLD.verdict, OLD.parent_id) BEGIN
                \(append)
                END;
                """)
    }
}
