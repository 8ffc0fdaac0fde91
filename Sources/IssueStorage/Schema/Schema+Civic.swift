extension Schema {
    /// People's part in a request, and their words in the stream. Version 3.
    static let civicTables = """
        ALTER TABLE request ADD COLUMN origin TEXT NOT NULL DEFAULT 'sensor';
        ALTER TABLE request ADD COLUMN agency TEXT;                 -- NULL: the service's
        ALTER TABLE request ADD COLUMN address_id TEXT;
        ALTER TABLE request ADD COLUMN media_url TEXT;
        ALTER TABLE request ADD COLUMN attributes TEXT;             -- JSON array, as submitted; NULL: none
        ALTER TABLE request ADD COLUMN parent_id INTEGER REFERENCES request (id);
        ALTER TABLE request ADD COLUMN people_count INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE request ADD COLUMN verdict TEXT NOT NULL DEFAULT 'unreviewed';
        ALTER TABLE request ADD COLUMN word TEXT NOT NULL DEFAULT 'open';   -- the last public status word
        ALTER TABLE request ADD COLUMN confidence REAL;
        ALTER TABLE request ADD COLUMN estimate TEXT;               -- what the three numbers mean
        ALTER TABLE request ADD COLUMN estimate_value REAL;
        ALTER TABLE request ADD COLUMN estimate_low REAL;
        ALTER TABLE request ADD COLUMN estimate_high REAL;
        ALTER TABLE request ADD COLUMN forecast_low INTEGER;
        ALTER TABLE request ADD COLUMN forecast_high INTEGER;
        ALTER TABLE request ADD COLUMN evidence_from INTEGER;
        ALTER TABLE request ADD COLUMN evidence_to INTEGER;
        ALTER TABLE request ADD COLUMN evidence_samples INTEGER;
        ALTER TABLE request ADD COLUMN asset_id TEXT;
        ALTER TABLE request ADD COLUMN asset_type TEXT;
        ALTER TABLE request ADD COLUMN location_method TEXT;
        ALTER TABLE request ADD COLUMN radius_m REAL;
        ALTER TABLE request ADD COLUMN acknowledged_at INTEGER;     -- the first act of staff
        ALTER TABLE request ADD COLUMN first_reported_at INTEGER;   -- the first person's report
        ALTER TABLE request ADD COLUMN token TEXT;
        UPDATE request SET word = 'closed' WHERE status = 'closed';
        -- Few requests have a parent: the index holds those alone.
        CREATE INDEX request_by_parent ON request (parent_id) WHERE parent_id IS NOT NULL;
        -- A sensor's page lists what was found there.
        CREATE INDEX incident_by_sensor ON incident (sensor, pending_since);
        ALTER TABLE request_update ADD COLUMN word TEXT NOT NULL DEFAULT 'open';
        ALTER TABLE request_update ADD COLUMN author TEXT NOT NULL DEFAULT 'sensor';
        ALTER TABLE request_update ADD COLUMN media_url TEXT;
        ALTER TABLE request_update ADD COLUMN external_id TEXT;     -- what another system calls it
        UPDATE request_update SET word = 'closed' WHERE status = 'closed';
        -- What people said, in its place in the stream, with what came of it. No personal data: those are rows of
        -- their own, which can be erased.
        CREATE TABLE stream_command (
            sequence INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            ticket INTEGER NOT NULL,            -- submission.id; 0 for the pipeline's own
            body TEXT NOT NULL,                 -- JSON: a StreamCommand
            outcome TEXT NOT NULL               -- JSON: a CommandOutcome, which replay follows
        ) STRICT;

        """
}
