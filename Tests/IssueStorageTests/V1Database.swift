import GRDB

/// A database as the first version of the schema left it, with a little of everything in it.
enum V1Database {
    static func create(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: tables + rows)
            try db.execute(sql: "PRAGMA application_id = 1397511497; PRAGMA user_version = 1")
        }
        try queue.close()
    }

    /// Two readings (the second with flags and a counter), a tick, an undecodable message of 3 + 5 + 4 bytes, and a request.
    private static let rows = """
        INSERT INTO grdb_migrations VALUES ('v1');
        INSERT INTO sensor (number, id, sequence, kind) VALUES (0, 'meter-1', 1, 1);
        INSERT INTO reading VALUES (2, 0, 1, 1780272000000, 1780272000400, 12.5, NULL, 0, 1);
        INSERT INTO reading VALUES (3, 0, 1, 1780272060000, 1780272060400, 0.1, 77, 3, 1);
        INSERT INTO stream_event VALUES (4, 1, 0, NULL, 1780272061000);
        INSERT INTO quarantine VALUES (1, 1, 1780272000000, x'610062', 'wrong', x'7B00FF7D', 4, NULL);
        INSERT INTO request (id, incident_key, service, status, status_notes, title, description, notice, requested_at,
            updated_at, severity, first_seen, last_seen, detector, detector_version, sensor_id, sensor_count, unit)
            VALUES (1, 'key-1', 'water-leak', 'open', '', 't', 'd', 'n', 1780272000000, 1780272000000, 2, 1, 2, 'burst',
            1, 'meter-1', 1, 'm³/h');
        INSERT INTO request_update VALUES (1, 1, 1780272000000, 'open', 'Opened');

        """

    private static let tables = """
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        CREATE TABLE sensor (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            sequence INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            latitude REAL, longitude REAL,
            ward TEXT, zone TEXT, gateway TEXT, address TEXT, asset TEXT,
            expected_interval_s INTEGER,
            time_zone TEXT
        ) STRICT;
        CREATE TABLE reading (
            sequence INTEGER PRIMARY KEY,
            sensor INTEGER NOT NULL,
            quantity INTEGER NOT NULL,
            observed_at INTEGER NOT NULL,
            arrived_at INTEGER NOT NULL,
            value REAL NOT NULL,
            counter INTEGER,
            flags INTEGER NOT NULL,
            source INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE stream_event (
            sequence INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            source INTEGER NOT NULL,
            sensor INTEGER,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY,
            reason INTEGER NOT NULL,
            arrived_at INTEGER NOT NULL,
            topic BLOB NOT NULL,
            detail TEXT NOT NULL,
            payload BLOB NOT NULL,
            payload_bytes INTEGER NOT NULL,
            sha256 BLOB
        ) STRICT;
        CREATE INDEX quarantine_by_reason ON quarantine (reason);
        CREATE TABLE request (
            id INTEGER PRIMARY KEY,
            incident_key TEXT NOT NULL UNIQUE,
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
