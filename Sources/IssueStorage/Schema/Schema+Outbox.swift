extension Schema {
    /// What is to be told to others: one row in `outbox` for each public change and each destination that wants it, made by
    /// a trigger in the change's own transaction, gone once it is delivered.
    ///
    /// The trigger fires when a line of a request's history is new. A replay meets lines that are there already: those are
    /// updates to SQLite, and queue nothing. Times are the system's clock, whatever clock the city runs on. Version 3.
    static let outboxTables = """
        CREATE TABLE outbox_identity (
            id TEXT PRIMARY KEY                 -- this store's name among all others, part of every idempotency key
        ) STRICT;
        INSERT INTO outbox_identity (id) VALUES (lower(hex(randomblob(8))));
        CREATE TABLE outbox_destination (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            services TEXT, wards TEXT,          -- JSON arrays of those that it wants, NULL for all
            least_severity INTEGER NOT NULL,
            status_only INTEGER NOT NULL,       -- only what opens or closes
            added_at INTEGER NOT NULL,
            retired_at INTEGER,                 -- no longer configured since then
            delivered INTEGER NOT NULL DEFAULT 0,
            delivered_at INTEGER,
            lists_requests INTEGER              -- whether it was seen to list a request that was filed there
        ) STRICT;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a number that was shown is never another's
            destination INTEGER NOT NULL REFERENCES outbox_destination (number),
            request_id INTEGER NOT NULL,
            number INTEGER NOT NULL,            -- of the request's update
            queued_at INTEGER NOT NULL,
            state TEXT NOT NULL,                -- queued, dead, retired
            due_at INTEGER NOT NULL,            -- not to be tried before
            attempts INTEGER NOT NULL DEFAULT 0,
            tried_at INTEGER,
            unclear_since INTEGER,              -- may have arrived although nobody said so
            reason TEXT,                        -- why the last attempt failed
            UNIQUE (destination, request_id, number)
        ) STRICT;
        CREATE INDEX outbox_due ON outbox (destination, state, due_at, id);
        CREATE TABLE outbox_foreign (           -- a request's number on another city's server
            destination INTEGER NOT NULL REFERENCES outbox_destination (number),
            request_id INTEGER NOT NULL,
            foreign_id TEXT,
            token TEXT,                         -- stands for the number until that is known
            filed_at INTEGER NOT NULL,
            PRIMARY KEY (destination, request_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE outbox_topic (             -- a request's state that a broker retains
            destination INTEGER NOT NULL REFERENCES outbox_destination (number),
            request_id INTEGER NOT NULL,
            topic TEXT NOT NULL,
            clear_at INTEGER,                   -- NULL while the request is open
            PRIMARY KEY (destination, request_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER outbox_note AFTER INSERT ON request_update BEGIN
            INSERT INTO outbox (destination, request_id, number, queued_at, state, due_at)
            SELECT destination, NEW.request_id, NEW.number, now, 'queued', now
            FROM outbox_wanted
            WHERE request_id = NEW.request_id AND update_number = NEW.number
            ON CONFLICT DO NOTHING;
        END;

        """ + outboxView

    /// Which changes which destinations want: the filters, in one place for the trigger and for those that start from the
    /// beginning.
    private static let outboxView = """
        CREATE VIEW outbox_wanted AS
        SELECT d.number AS destination, u.request_id AS request_id, u.number AS update_number, u.at AS at,
            CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now
        FROM request_update AS u
        JOIN request AS r ON r.id = u.request_id
        JOIN outbox_destination AS d ON d.retired_at IS NULL
        WHERE r.severity >= d.least_severity
            AND (d.services IS NULL OR r.service IN (SELECT value FROM json_each(d.services)))
            AND (d.wards IS NULL OR r.ward IN (SELECT value FROM json_each(d.wards)))
            -- Stewards hear of what they look after.
            AND (d.kind <> 'stewards' OR EXISTS (
                SELECT 1 FROM steward AS s WHERE s.asset_id = r.asset_id OR s.asset_id = r.sensor_id))
            AND (NOT d.status_only OR u.status IS NOT (
                SELECT p.status FROM request_update AS p
                WHERE p.request_id = u.request_id AND p.number < u.number ORDER BY p.number DESC LIMIT 1));

        """
}
