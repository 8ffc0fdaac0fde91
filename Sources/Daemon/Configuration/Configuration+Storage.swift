package import IssueStorage

extension Configuration {
    /// Where the data lives. Keys `data.…`.
    package struct Storage: Sendable, Equatable {
        /// Folder of the database. Key `data.directory`.
        ///
        /// The default is a folder where the daemon was started: nobody needs to be root to try it, and what was tried is
        /// found and removed again. Under systemd it is `$STATE_DIRECTORY`, so an installed daemon uses /var/lib/sluice.
        package var directory = "sluice-data"
        /// What an acknowledged reading survives. Key `data.durability`.
        package var durability = Durability.power

        static let keys: [Key<Self>] = [
            .path("directory", \.directory),
            .scalar("durability", \.durability, .word(Durability.allCases) { $0.rawValue }),
        ]
    }
}
