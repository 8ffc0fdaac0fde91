internal import ArgumentParser
internal import Foundation
internal import MQTTSession

/// Which broker a command publishes to, and as whom.
struct BrokerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The broker: HOST or HOST:PORT.", valueName: "address"))
    var broker: String?

    @Option(help: "User name at the broker.")
    var username: String?

    @Option(
        help: ArgumentHelp(
            "Name of the environment variable that holds the password, so that it stands on no command line.",
            valueName: "variable"))
    var passwordEnv: String?

    @Option(
        help: ArgumentHelp("Certificates that may have signed the broker's (PEM); turns TLS on.", valueName: "file"),
        completion: .file())
    var caFile: String?

    /// The session to publish with.
    func session(clientID: String) throws -> SessionConfiguration {
        var session = SessionConfiguration()
        session.name = clientID
        session.clientID = "\(clientID)-\(ProcessInfo.processInfo.processIdentifier)"
        session.isClean = true
        let parts = (broker ?? "127.0.0.1:1883").split(separator: ":", maxSplits: 1).map(String.init)
        session.host = parts.first ?? "127.0.0.1"
        session.port = caFile == nil ? 1883 : 8883
        if parts.count == 2 {
            guard let port = Int(parts[1]), (1...65_535).contains(port) else {
                throw Failure(
                    "--broker must be HOST or HOST:PORT with a port of 1–65535, found \(broker ?? "")", .usage)
            }
            session.port = port
        }
        session.username = username
        if let passwordEnv {
            guard let password = ProcessInfo.processInfo.environment[passwordEnv] else {
                throw Failure("--password-env names \(passwordEnv), which is not set", .usage)
            }
            session.password = password
        }
        if let caFile {
            var tls = TLSConfiguration()
            tls.caFile = caFile
            session.tls = tls
        }
        return session
    }
}
