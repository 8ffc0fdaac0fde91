internal import GRDB

/// The tables, and how an older database becomes one of today.
///
/// Times are integer milliseconds since the Unix epoch. Numbers of enumerations are those of their Swift types, which
/// are never renumbered.
enum Schema {
    /// What this version writes and reads; `PRAGMA user_version`.
    static let version = 5
    /// `PRAGMA application_id`, "SLUI": tells our databases from other programs'.
    static let applicationID: Int64 = 0x534C_5549

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            try db.execute(sql: streamTables + requestTables)
            try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
        }
        migrator.registerMigration("v2") { db in
            try db.execute(sql: savedStateTables + historyTables)
            try db.execute(sql: "PRAGMA user_version = 2")
        }
        migrator.registerMigration("v3") { db in
            try db.execute(sql: civicTables + keyTables + measureTables + outboxTables + evidenceTables + linkTables)
            // Behind all that add columns to `request`.
            try createRequestVersions(db)
            try db.execute(sql: "PRAGMA user_version = 3")
        }
        migrator.registerMigration("v4") { db in
            try db.execute(sql: placeIndex + ruleIndex + lateIndex + reporterIndexes)
            try db.execute(sql: registryColumns)
            try db.execute(sql: "PRAGMA user_version = 4")
        }
        migrator.registerMigration("v5") { db in
            try db.execute(sql: hearingTables + verdictIndex + pastTables + evidenceCounts)
            try db.execute(sql: "PRAGMA user_version = 5")
        }
        return migrator
    }

    /// What else the registry says of a sensor.
    private static let registryColumns = """
        ALTER TABLE sensor ADD COLUMN site TEXT;
        ALTER TABLE sensor ADD COLUMN owner TEXT;
        ALTER TABLE sensor ADD COLUMN neighbours TEXT;      -- ids with a space between
        ALTER TABLE sensor ADD COLUMN sensitivity REAL;     -- in the unit of what it measures
        ALTER TABLE sensor ADD COLUMN depth_mm REAL;        -- how a bin's sensor is mounted
        ALTER TABLE sensor ADD COLUMN full_mm REAL;

        """

    /// What was known of sensors before the registry described them otherwise, as long as the log reaches back to it.
    private static let pastTables = """
        CREATE TABLE sensor_past (
            number INTEGER NOT NULL REFERENCES sensor (number),
            until INTEGER NOT NULL,             -- the place in the stream from which on something else holds
            kind INTEGER NOT NULL,
            latitude REAL, longitude REAL,
            ward TEXT, zone TEXT, gateway TEXT, address TEXT, asset TEXT,
            expected_interval_s INTEGER,
            time_zone TEXT,
            site TEXT, owner TEXT, neighbours TEXT, sensitivity REAL, depth_mm REAL, full_mm REAL,
            adopted_by TEXT,
            PRIMARY KEY (number, until)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX sensor_past_by_place ON sensor_past (until);

        """

    /// Refuses databases of other programs and of newer versions, before anything of theirs is changed.
    ///
    /// - Parameter isReader: then an empty database counts as none: the daemon is only just creating it.
    static func check(_ db: Database, path: String, isReader: Bool) throws {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard application == applicationID else {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'grdb%'")
            guard application == 0, isEmpty == 0 else { throw StorageError.notOurs(path: path) }
            if isReader { throw StorageError.missing(path: path) }
            return
        }
        let isSuperseded = try migrator.hasBeenSuperseded(db)
        if version > self.version || isSuperseded {
            throw StorageError.newerSchema(path: path, found: max(version, self.version + 1), known: self.version)
        }
    }

    /// Changes of rules among the commands: few, and looked for by themselves.
    private static let ruleIndex =
        "CREATE INDEX stream_command_rules ON stream_command (sequence) WHERE kind = \(CommandRow.rulesKind);"

    /// The stream log. `reading` has no index beside its key and no foreign key: both would cost the hot path a
    /// tree descent a row. Its rows arrive in the key's order, so each is an append to the last page.
    private static let streamTables = """
        CREATE TABLE sensor (
            number INTEGER PRIMARY KEY,         -- SensorIndex
            id TEXT NOT NULL UNIQUE,
            sequence INTEGER NOT NULL,          -- where in the stream it was met
            kind INTEGER NOT NULL,
            latitude REAL, longitude REAL,
            ward TEXT, zone TEXT, gateway TEXT, address TEXT, asset TEXT,
            expected_interval_s INTEGER,
            time_zone TEXT
        ) STRICT;
        CREATE TABLE reading (
            sequence INTEGER PRIMARY KEY,
            sensor INTEGER NOT NULL,            -- sensor.number
            quantity INTEGER NOT NULL,
            observed_at INTEGER NOT NULL,
            arrived_at INTEGER NOT NULL,
            value REAL NOT NULL,
            counter INTEGER,
            flags INTEGER NOT NULL,
            source INTEGER NOT NULL             -- the connection that it came by, or 0
        ) STRICT;
        CREATE TABLE stream_event (
            sequence INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            source INTEGER NOT NULL,
            sensor INTEGER,                     -- sensor.number of one that was heard
            at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY,
            reason INTEGER NOT NULL,
            arrived_at INTEGER NOT NULL,
            topic BLOB NOT NULL,
            detail TEXT NOT NULL,
            payload BLOB NOT NULL,              -- only its head, when `sha256` is there
            payload_bytes INTEGER NOT NULL,
            sha256 BLOB
        ) STRICT;
        CREATE INDEX quarantine_by_reason ON quarantine (reason);

        """

    /// Statistics may be NULL: that is how SQLite keeps a NaN, and no odd number may cost a request.
    private static let requestTables = """
        CREATE TABLE request (
            id INTEGER PRIMARY KEY,
            incident_key TEXT NOT NULL UNIQUE,  -- one incident, one request
            service TEXT NOT NULL,
            status TEXT NOT NULL,
            status_notes TEXT NOT NULL,
            title TEXT NOT NULL,
            description TEXT NOT NULL,
            notice TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            expected_at INTEGER,
            address TEXT,
            latitude REAL, longitude REAL,
            ward TEXT,
            severity INTEGER NOT NULL,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER NOT NULL,
            cleared_at INTEGER,
            detector TEXT NOT NULL,
            detector_version INTEGER NOT NULL,
            sensor_id TEXT NOT NULL,
            sensor_count INTEGER NOT NULL,
            observed REAL, expected REAL, threshold REAL, score REAL,
            unit TEXT NOT NULL,
            forecast_at INTEGER,
            related_id INTEGER REFERENCES request (id)
        ) STRICT;
        -- Each ends in (requested_at, id): newest first is a walk backwards, without a sort.
        CREATE INDEX request_by_time ON request (requested_at, id);
        CREATE INDEX request_by_status ON request (status, requested_at, id);
        CREATE INDEX request_by_service ON request (service, requested_at, id);
        CREATE TABLE request_update (
            request_id INTEGER NOT NULL REFERENCES request (id),
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            status TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (request_id, number)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE incident (
            key TEXT PRIMARY KEY,
            sensor INTEGER NOT NULL REFERENCES sensor (number),
            rule TEXT NOT NULL,
            rule_version INTEGER NOT NULL,
            state TEXT NOT NULL,
            pending_since INTEGER NOT NULL,
            firing_since INTEGER,
            resolved_at INTEGER,
            request_id INTEGER REFERENCES request (id),
            peak_condition INTEGER NOT NULL,
            peak_quantity INTEGER NOT NULL,
            peak_observed_at INTEGER NOT NULL,
            peak_onset INTEGER NOT NULL,
            peak_score REAL, peak_observed REAL, peak_expected REAL, peak_threshold REAL,
            peak_forecast INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX incident_by_request ON incident (request_id);
        CREATE INDEX incident_unresolved ON incident (key) WHERE state <> 'resolved';

        """
}
