internal import Foundation

/// Where the local socket lies.
struct LocalSocket: Sendable {
    /// The data directory in its one spelling: what both sides compare.
    let directory: String
    /// `RUNTIME_DIRECTORY`, as systemd sets it.
    private let runtime: String?
    /// Where the configuration wants it.
    private let configured: String?

    static let name = "sluice.sock"
    /// Where an installed daemon has it.
    private static let installed = "/run/sluice"
    /// Bytes that `sockaddr_un` has room for, without the last zero.
    static let longestPath = 107

    /// - Parameter configured: `operations.socket`.
    init(directory: String, configured: String? = nil, environment: [String: String]) {
        self.configured = configured
        self.directory = URL(filePath: directory).standardizedFileURL.resolvingSymlinksInPath().path
        runtime = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first.map(String.init)
    }

    /// Where a daemon listens.
    var path: String { configured ?? "\(runtime ?? directory)/\(Self.name)" }

    /// Where a command looks for the daemon of this directory, one after the other.
    var candidates: [String] {
        (configured.map { [$0] } ?? []) + ["\(directory)/\(Self.name)", "\(runtime ?? Self.installed)/\(Self.name)"]
    }
}
