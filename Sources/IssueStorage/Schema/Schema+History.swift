extension Schema {
    /// What a start begins with beside the log, which commits are in, and a reading's own idea of the time. Version 2.
    static let savedStateTables = """
        -- What the sensor said, where that was too far ahead; NULL where not.
        ALTER TABLE reading ADD COLUMN claimed_s INTEGER;
        -- Written in order, so that a complete turn stands in consecutive rows; an id is never given twice.
        CREATE TABLE state_slice (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            turn INTEGER NOT NULL,
            number INTEGER NOT NULL,            -- within the turn, from 0
            sequence INTEGER NOT NULL,          -- what it contains of the stream
            is_last INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;
        CREATE INDEX state_slice_last ON state_slice (id) WHERE is_last;
        CREATE TABLE journal_position (
            journal INTEGER PRIMARY KEY,        -- its random number, as a signed one
            segment INTEGER NOT NULL,
            offset INTEGER NOT NULL
        ) STRICT;
        -- One row, which every commit of batches changes: see CommitMark.
        CREATE TABLE commit_mark (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL             -- batches committed since the database was made
        ) STRICT;
        INSERT INTO commit_mark (id, number) VALUES (1, 0);

        """

    /// Folded history. Chunks are made in order of time, whatever their stream: so old ones stand side by side and leave
    /// whole pages free when they go, and a new one is an append. (Clustered by stream each insert would split a page.)
    ///
    /// A stream's newest readings stand apart, in a row that grows until it is worth a chunk: rows of neighbouring
    /// streams share a page, so that folding a few readings of each writes few pages.
    static let historyTables = """
        CREATE TABLE history_open (
            stream INTEGER PRIMARY KEY,         -- sensor.number * 256 + quantity
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE TABLE history_chunk (
            id INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,            -- as above
            tier INTEGER NOT NULL,              -- 0 readings, 1 minutes, 2 hours, 3 days
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            content BLOB NOT NULL
        ) STRICT;
        CREATE INDEX history_chunk_by_time ON history_chunk (tier, stream, first_at);
        -- How far work in small steps has come: everything up to `done`; and up to `target` for streams before `next`.
        CREATE TABLE progress (
            task INTEGER PRIMARY KEY,
            done INTEGER NOT NULL,
            target INTEGER,
            next INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        INSERT INTO progress (task, done) VALUES
            (\(HistoryProgress.fold), 0),
            (\(HistoryTier.raw.task), \(Int64.min)),
            (\(HistoryTier.minutes.task), \(Int64.min)),
            (\(HistoryTier.hours.task), \(Int64.min)),
            (\(HistoryTier.days.task), \(Int64.min)),
            (\(HistoryProgress.quarantineBytes), (SELECT ifnull(sum(\(QuarantineRow.sizeSQL)), 0) FROM quarantine));

        """
}
