internal import Open311

extension Configuration {
    /// Personal data. Keys `privacy.…`.
    package struct Privacy: Sendable, Equatable {
        /// How long names, addresses and numbers of reporters are kept. Key `privacy.erase_reporters`. Zero: until someone erases
        /// them.
        package var eraseReporters = Duration.seconds(30 * 86_400)

        /// How long photos are kept after the request that names them was closed. Key `privacy.photos`. Zero: until someone erases
        /// them.
        package var keepPhotos = Duration.seconds(365 * 86_400)

        static let keys: [Key<Self>] = [
            .scalar("erase_reporters", \.eraseReporters, .duration(.zero ... .seconds(100 * 365 * 86_400))),
            .scalar("photos", \.keepPhotos, .duration(.zero ... .seconds(100 * 365 * 86_400))),
        ]
    }

    /// Who may post. Key `http.writing`.
    package enum Writing: String, Sendable, CaseIterable {
        /// Whoever has a key.
        case keys
        /// Anyone may report and update. On this machine alone.
        case open
        /// Nobody.
        case off
    }
}

extension Syntax where Value == String {
    /// A key, as `sluice keys add` shows it. A mistake may be one nearly right: it is not quoted.
    static let apiKey = Syntax(
        expected: "a key as `sluice keys add NAME --public` shows it (slk_ and 64 digits)",
        parse: { KeySecret($0)?.text }, show: { $0 }, quotesMistakes: false)
}

extension Configuration.HTTP {
    /// Whether the address is reached from this machine alone.
    var isLoopback: Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }
}
