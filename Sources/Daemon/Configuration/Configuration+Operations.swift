extension Configuration {
    /// How the daemon is watched and spoken to. Keys `operations.…`.
    package struct Operations: Sendable, Equatable {
        /// Where commands reach the daemon; nil: `sluice.sock` in the runtime directory, or else in the data directory.
        /// Key `operations.socket`.
        package var socket: String?

        static let keys: [Key<Self>] = [
            .optionalPath("socket", \.socket, existing: nil)
        ]
    }
}
