package import Readings

extension Configuration {
    /// Where the data lives, and how. Keys `data.…`; `history.…` for how long.
    package struct Storage: Sendable, Equatable {
        /// Folder of the database. Key `data.directory`.
        ///
        /// The default is a folder where the daemon was started: nobody needs to be root to try it, and what was tried is
        /// found and removed again. Under systemd it is `$STATE_DIRECTORY`, so an installed daemon uses /var/lib/sluice.
        package var directory = "sluice-data"
        /// What an acknowledged reading survives. Key `data.durability`.
        package var durability = Durability.power
        /// What the database file may hold, in bytes; 0 leaves it to the disk. Key `data.max_bytes`.
        package var maximumBytes = 16 << 30
        /// Disk space set aside for requests, in bytes. Key `data.reserve_bytes`.
        package var reserveBytes = 16 << 20
        /// Undecodable messages kept, and how many bytes of them. Keys `data.quarantine_messages`, `data.quarantine_bytes`.
        package var quarantineMessages = 100_000
        package var quarantineBytes = 256 << 20
        /// How long readings are kept.
        package var history = HistoryPolicy()
        /// How often the detectors' state is saved, so that a start has less to replay. Key `data.snapshot_interval`.
        package var snapshotInterval = Duration.seconds(600)
        /// What photos that came with reports may take, in bytes; 0: whatever the disk has. Key `data.photo_bytes`.
        package var photoBytes = 4 << 30

        package init() {}

        /// A power cut, or only the daemon's own death.
        package enum Durability: String, Sendable, CaseIterable { case power, crash }

        static let keys: [Key<Self>] = [
            .path("directory", \.directory),
            .scalar("durability", \.durability, .word(Durability.allCases) { $0.rawValue }),
            .scalar("max_bytes", \.maximumBytes, .bytes(256 << 20...1 << 50, orZero: true)),
            .scalar("reserve_bytes", \.reserveBytes, .bytes(1 << 20...1 << 30, orZero: true)),
            .scalar("quarantine_messages", \.quarantineMessages, .integer(100...100_000_000)),
            .scalar("quarantine_bytes", \.quarantineBytes, .bytes(1 << 20...1 << 40)),
            .scalar("photo_bytes", \.photoBytes, .bytes(16 << 20...1 << 50, orZero: true)),
            .scalar("snapshot_interval", \.snapshotInterval, .duration(.seconds(10) ... .seconds(86_400))),
        ]

        static let historyKeys: [Key<Self>] = [
            .scalar("log", \.history.keepLog, .duration(.seconds(3600) ... .seconds(90 * 86_400))),
            .scalar("raw", \.history.keepRaw, .duration(.seconds(86_400)...longest)),
            .scalar("minutes", \.history.keepMinutes, .duration(.seconds(86_400)...longest)),
            .scalar("hours", \.history.keepHours, .duration(.seconds(86_400)...longest)),
            .scalar("days", \.history.keepDays, .duration(.zero...longest)),
        ]

        private static let longest = Duration.seconds(100 * 365 * 86_400)
    }
}
