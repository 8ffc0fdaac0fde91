extension Schema {
    /// What a request was raised by. Version 3.
    ///
    /// Bounded for each request: at most ``EvidenceKeeper/mostMarks`` marks, and ``EvidenceKeeper/mostSensors`` series of
    /// ``EvidenceKeeper/mostReadings`` readings. No foreign keys: evidence must never cost a request.
    static let evidenceTables = """
        -- What decided each public step of a request, as the detector saw it then.
        CREATE TABLE evidence_mark (
            request_id INTEGER NOT NULL,        -- request.id
            number INTEGER NOT NULL,            -- request_update.number
            event INTEGER NOT NULL,             -- 1 opened, 2 updated, 3 joined, 4 reopened, 5 closed
            at INTEGER NOT NULL,                -- the daemon's time
            sensor INTEGER NOT NULL,            -- sensor.number
            rule TEXT NOT NULL,
            rule_version INTEGER NOT NULL,
            parameters TEXT NOT NULL,           -- evidence_parameters.hash
            quantity INTEGER NOT NULL,
            condition INTEGER NOT NULL,
            observed_at INTEGER NOT NULL,       -- event time
            onset INTEGER NOT NULL,             -- event time
            score REAL, observed REAL, expected REAL, threshold REAL, spread REAL,
            confidence REAL,
            estimate REAL, estimate_low REAL, estimate_high REAL,
            forecast INTEGER, forecast_low INTEGER, forecast_high INTEGER,
            window_from INTEGER NOT NULL,       -- event time from which on readings belong to it
            baseline BLOB,                      -- what was usual: see BaselineBytes
            PRIMARY KEY (request_id, number)
        ) STRICT, WITHOUT ROWID;
        -- What each hash stands for.
        CREATE TABLE evidence_parameters (
            hash TEXT PRIMARY KEY,
            rule TEXT NOT NULL,
            content TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- Readings that were copied before the history made them coarser.
        CREATE TABLE evidence_series (
            request_id INTEGER NOT NULL,
            stream INTEGER NOT NULL,            -- sensor.number * 256 + quantity
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            samples INTEGER NOT NULL,
            content BLOB NOT NULL,              -- as in history_chunk
            PRIMARY KEY (request_id, stream)
        ) STRICT, WITHOUT ROWID;
        -- Requests whose readings are to be copied, and when; gone once that is done for good.
        CREATE TABLE evidence_due (
            request_id INTEGER PRIMARY KEY,
            due INTEGER NOT NULL                -- by the stream's clock
        ) STRICT;
        CREATE INDEX evidence_due_by_time ON evidence_due (due);

        """

    /// How many readings there are, and from when on, is told before they are copied; of what was copied long ago it is told
    /// anew. Version 5.
    static let evidenceCounts = """
        ALTER TABLE evidence_due ADD COLUMN is_uncounted INTEGER NOT NULL DEFAULT 0;    -- whether a step came since
        CREATE INDEX evidence_uncounted ON evidence_due (request_id) WHERE is_uncounted;
        UPDATE evidence_due SET is_uncounted = 1;
        UPDATE request SET evidence_from = series.first_at
            FROM (SELECT request_id, min(first_at) AS first_at FROM evidence_series GROUP BY request_id) AS series
            WHERE id = series.request_id;

        """
}
