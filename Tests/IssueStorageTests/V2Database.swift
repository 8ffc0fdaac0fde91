import GRDB

/// A database as the second version of the schema left it: the first one's, migrated, and a closed request.
enum V2Database {
    static func create(_ path: String) throws {
        try V1Database.create(path)
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: tables + rows)
            try db.execute(sql: "PRAGMA user_version = 2")
        }
        try queue.close()
    }

    private static let rows = """
        INSERT INTO grdb_migrations VALUES ('v2');
        INSERT INTO request (id, incident_key, service, status, status_notes, title, description, notice, requested_at,
            updated_at, severity, first_seen, last_seen, detector, detector_version, sensor_id, sensor_count, unit)
            VALUES (2, 'key-2', 'bin-full', 'closed', 'Cleared', 't', 'd', 'n', 1780272000000, 1780272060000, 2, 1, 2,
            'bin-full', 1, 'bin-1', 1, '%');
        INSERT INTO request_update VALUES (2, 1, 1780272000000, 'open', 'Opened');
        INSERT INTO request_update VALUES (2, 2, 1780272060000, 'closed', 'Cleared');

        """

    private static let tables = """
        ALTER TABLE reading ADD COLUMN claimed_s INTEGER;
        CREATE TABLE state_slice (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            turn INTEGER NOT NULL,
            number INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            is_last INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE INDEX state_slice_last ON state_slice (id) WHERE is_last;
        CREATE TABLE journal_position (
            journal INTEGER PRIMARY KEY,
            segment INTEGER NOT NULL,
            offset INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE commit_mark (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL
        ) STRICT;
        INSERT INTO commit_mark (id, number) VALUES (1, 7);
        CREATE TABLE history_open (
            stream INTEGER PRIMARY KEY,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE TABLE history_chunk (
            id INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,
            tier INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX history_chunk_by_time ON history_chunk (tier, stream, first_at);
        CREATE TABLE progress (
            task INTEGER PRIMARY KEY,
            done INTEGER NOT NULL,
            target INTEGER,
            next INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        INSERT INTO progress (task, done) VALUES (1, 0), (2, -9223372036854775808), (3, -9223372036854775808),
            (4, -9223372036854775808), (5, -9223372036854775808), (6, 76);

        """
}
