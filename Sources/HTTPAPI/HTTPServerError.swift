/// Why the server could not start.
public enum HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another program listens on the port.
    case portInUse(Int)
    /// The address can't be listened on: not of this machine, or a port that needs more rights.
    case cannotListen(host: String, port: Int, reason: String)
    /// The certificate or its key can't be used.
    case certificate(file: String, reason: String)

    public var description: String {
        switch self {
        case .portInUse(let port):
            "http.port: port \(port) is in use by another program; stop that one or choose another port"
        case .cannotListen(let host, let port, let reason):
            "http.host: can't listen on \(host) port \(port): \(reason)"
        case .certificate(let file, let reason):
            "http.tls: \(file) \(reason)"
        }
    }
}
