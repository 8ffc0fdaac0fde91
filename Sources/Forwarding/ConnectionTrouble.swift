internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix

/// What went wrong with a connection, in words for people: the libraries' own name the call that was under way.
package enum ConnectionTrouble {
    package static func words(of error: any Error) -> String {
        switch error {
        case let error as IOError: words(ofErrno: error.errnoCode) ?? "\(error)"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { words(of: $0.error) } ?? "the name \(error.host) can't be resolved"
        case let error as HTTPClientError: error.shortDescription
        default: "\(error)"
        }
    }

    private static func words(ofErrno number: CInt) -> String? {
        switch number {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "the connection was reset"
        case EHOSTUNREACH: "no route to the host"
        case ENETUNREACH: "the network is unreachable"
        case ETIMEDOUT: "no answer"
        default: nil
        }
    }
}
