extension Configuration {
    /// How the daemon is watched and spoken to. Keys `operations.…`.
    package struct Operations: Sendable, Equatable {
        /// Where commands reach the daemon; nil: `sluice.sock` in the runtime directory, or else in the data directory.
        /// Key `operations.socket`.
        package var socket: String?
        /// How often a message of our own goes through the broker, the pipeline and the store; zero: never. Its absence makes
        /// the daemon unready. Key `operations.canary`.
        package var canary = Duration.seconds(60)
        /// A reading that waits longer than this for its commit makes the daemon unready. Key `operations.lag_max`. Commits
        /// take milliseconds; a slow disk's worst takes a second or two.
        package var lagMax = Duration.seconds(5)
        /// Whether the broker is asked how many messages it has dropped. Key `operations.watch_broker`.
        package var watchesBroker = true

        static let keys: [Key<Self>] = [
            .optionalPath("socket", \.socket, existing: nil),
            .scalar("canary", \.canary, .duration(.zero ... .seconds(3600))),
            .scalar("lag_max", \.lagMax, .duration(.seconds(1) ... .seconds(3600))),
            .scalar("watch_broker", \.watchesBroker, .flag),
        ]
    }
}
