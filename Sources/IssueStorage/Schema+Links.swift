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
}
