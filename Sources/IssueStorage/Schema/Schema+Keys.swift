extension Schema {
    /// Whether somebody has reported before is asked at each report. Version 4.
    static let reporterIndexes = """
        CREATE INDEX reporter_by_phone ON reporter (phone) WHERE phone IS NOT NULL;
        CREATE INDEX reporter_by_account ON reporter (account_id) WHERE account_id IS NOT NULL;
        CREATE INDEX reporter_by_device ON reporter (device_id) WHERE device_id IS NOT NULL;
        CREATE INDEX submission_by_reporter ON submission (reporter_id) WHERE reporter_id IS NOT NULL;

        """

    /// Who may write, what was handed in by whom, and what stands in the streets. Version 3.
    ///
    /// None of it is part of the stream: a row may go without a trace in it.
    static let keyTables = """
        CREATE TABLE api_key (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE,          -- SHA-256 of the key, which is stored nowhere
            hint TEXT NOT NULL,                 -- its beginning, by which people tell keys apart
            roles INTEGER NOT NULL,             -- AccessRole, a bit each
            rate_per_minute INTEGER NOT NULL,
            is_public INTEGER NOT NULL,         -- given out by the page to everybody
            created_at INTEGER NOT NULL,
            last_used_at INTEGER,
            revoked_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX api_key_by_name ON api_key (name) WHERE revoked_at IS NULL;
        -- Personal data: here and nowhere else.
        CREATE TABLE reporter (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            created_at INTEGER NOT NULL,
            first_name TEXT, last_name TEXT, email TEXT COLLATE NOCASE, phone TEXT,
            account_id TEXT, device_id TEXT
        ) STRICT;
        CREATE INDEX reporter_by_time ON reporter (created_at);
        CREATE INDEX reporter_by_email ON reporter (email) WHERE email IS NOT NULL;
        -- What was handed in for the stream, before it is in the stream; and what came of it.
        CREATE TABLE submission (
            id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the command's ticket
            at INTEGER NOT NULL,
            key_id INTEGER NOT NULL,            -- api_key.id, or 0
            idempotency BLOB NOT NULL UNIQUE,   -- SHA-256
            reporter_id INTEGER,                -- reporter.id, which may be gone
            token TEXT UNIQUE,
            body TEXT,                          -- the command, until it is answered
            is_answered INTEGER NOT NULL DEFAULT 0,
            request_id INTEGER,
            update_number INTEGER,
            refusal TEXT
        ) STRICT;
        CREATE INDEX submission_by_time ON submission (at);
        CREATE INDEX submission_by_request ON submission (request_id) WHERE reporter_id IS NOT NULL;
        CREATE INDEX submission_unanswered ON submission (id) WHERE NOT is_answered;
        CREATE TABLE secret (
            name TEXT PRIMARY KEY,
            bytes BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE asset \(assetColumns);
        \(assetIndex)
        -- The registry's, too, are found by place and by id.
        CREATE INDEX sensor_asset_by_place ON sensor (latitude, longitude) WHERE asset IS NOT NULL;
        CREATE INDEX sensor_by_asset ON sensor (asset) WHERE asset IS NOT NULL;
        -- Who looks after an asset, and how he is told. Never public.
        CREATE TABLE steward (
            asset_id TEXT PRIMARY KEY,          -- of asset or of a sensor
            name TEXT NOT NULL,
            means TEXT NOT NULL,                -- webhook, mqtt, email
            contact TEXT NOT NULL,              -- URL, topic or address
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    static let assetColumns = """
        (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            latitude REAL NOT NULL, longitude REAL NOT NULL,
            name TEXT, address TEXT, ward TEXT
        ) STRICT, WITHOUT ROWID
        """
    static let assetIndex = "CREATE INDEX asset_by_place ON asset (latitude, longitude);"
}
