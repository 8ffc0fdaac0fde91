extension Schema {
    /// How well each sensor is heard. Version 3.
    static let linkTables = """
        CREATE TABLE sensor_link (
            sensor INTEGER PRIMARY KEY,         -- sensor.number
            at INTEGER NOT NULL,                -- arrival of the last frame that is counted
            received INTEGER NOT NULL,          -- frames of late: halved with lost whenever both exceed 1000
            lost INTEGER NOT NULL,
            duplicated INTEGER NOT NULL,        -- ever
            restarts INTEGER NOT NULL,          -- ever: resets and rejoins
            rssi REAL, snr REAL                 -- of the last frame, dBm and dB
        ) STRICT;

        """

    /// What each sensor's frame counter has said, whole, so that a start goes on with it; how often sensors speak of which
    /// nobody said it; and by which rule a sensor was adopted that introduced itself. Version 5.
    static let hearingTables = """
        ALTER TABLE sensor_link RENAME TO sensor_link_of_late;
        CREATE TABLE sensor_link (
            sensor INTEGER PRIMARY KEY,         -- sensor.number
            at INTEGER NOT NULL,                -- arrival of the last frame that is counted
            received INTEGER NOT NULL,          -- these six: ever
            lost INTEGER NOT NULL,
            duplicated INTEGER NOT NULL,
            reordered INTEGER NOT NULL,
            resets INTEGER NOT NULL,
            rejoins INTEGER NOT NULL,
            recently_received INTEGER NOT NULL, -- of late: both are halved whenever they exceed 1000
            recently_lost INTEGER NOT NULL,
            session INTEGER NOT NULL,           -- a hash of the session's key; 0: not known
            counter INTEGER NOT NULL,           -- the highest of the present count; -1: not known
            counter_at INTEGER NOT NULL,        -- when that frame was received, by its server
            began_at INTEGER NOT NULL,          -- when the present count began, where one went before
            seen INTEGER NOT NULL,              -- bit n: frame counter - n came
            joins_at INTEGER NOT NULL,          -- when the device told that it joins, and has not spoken since
            rssi REAL, snr REAL                 -- of the last frame, dBm and dB
        ) STRICT;
        INSERT INTO sensor_link
            SELECT sensor, at, received, lost, duplicated, 0, restarts, 0, received, lost, 0, -1,
                -9223372036854775808, -9223372036854775808, 0, -9223372036854775808, rssi, snr
            FROM sensor_link_of_late;
        DROP TABLE sensor_link_of_late;
        CREATE TABLE sensor_cadence (
            sensor INTEGER PRIMARY KEY,         -- sensor.number
            interval_s INTEGER NOT NULL         -- the median of its last intervals
        ) STRICT;
        ALTER TABLE sensor ADD COLUMN adopted_by TEXT;  -- the rule's name

        """
}
