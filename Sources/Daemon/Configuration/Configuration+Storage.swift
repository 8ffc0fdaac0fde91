package import IssueStorage

extension Configuration {
    /// Where the data lives, and how. Keys `data.…`; `history.…` for how long.
    package struct Storage: Sendable, Equatable {
        /// Folder of the database. Key `data.directory`.
        ///
        /// The default is a folder where the daemon was started: nobody needs to be root to try it, and what was tried is
        /// found and removed again. Under systemd it is `$STATE_DIRECTORY`, so an installed daemon uses /var/lib/sluice.
        package var directory = "sluice-data"
        /// Durability, history, and how much space it may take.
        package var store = StoreConfiguration()
        /// How often the detectors' state is saved, so that a start has less to replay. Key `data.snapshot_interval`.
        package var snapshotInterval = Duration.seconds(600)

        static let keys: [Key<Self>] = [
            .path("directory", \.directory),
            .scalar("durability", \.store.durability, .word(Durability.allCases) { $0.rawValue }),
            .scalar("max_bytes", \.store.maximumBytes, .bytes(256 << 20...1 << 50, orZero: true)),
            .scalar("reserve_bytes", \.store.reserveBytes, .bytes(1 << 20...1 << 30, orZero: true)),
            .scalar("quarantine_messages", \.store.quarantineMessages, .integer(100...100_000_000)),
            .scalar("quarantine_bytes", \.store.quarantineBytes, .bytes(1 << 20...1 << 40)),
            .scalar("snapshot_interval", \.snapshotInterval, .duration(.seconds(10) ... .seconds(86_400))),
        ]

        static let historyKeys: [Key<Self>] = [
            .scalar("log", \.store.history.keepLog, .duration(.seconds(3600) ... .seconds(90 * 86_400))),
            .scalar("raw", \.store.history.keepRaw, .duration(.seconds(86_400)...longest)),
            .scalar("minutes", \.store.history.keepMinutes, .duration(.seconds(86_400)...longest)),
            .scalar("hours", \.store.history.keepHours, .duration(.seconds(86_400)...longest)),
            .scalar("days", \.store.history.keepDays, .duration(.zero...longest)),
        ]

        private static let longest = Duration.seconds(100 * 365 * 86_400)
    }
}
