internal import CMosquitto
internal import Glibc

/// Why a connection could not be set up, broke, or refused something.
public struct SessionError: Error, Equatable, CustomStringConvertible {
    /// Safe as a metric label.
    public enum Code: String, Sendable {
        case configuration
        case resolve
        case connect
        case tls
        case refused
        case subscription
        case takenOver = "taken_over"
        case lost
        case timeout
        case full
    }
    public var code: Code
    /// What, where, and what to do.
    public var description: String

    public init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}

/// What the C library and the system call their errors.
enum SystemError {
    static func sentence(_ number: Int32) -> String {
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}

extension SessionError {
    /// What a call into libmosquitto returned.
    ///
    /// - Parameters:
    ///   - number: `errno` as the call left it.
    ///   - detail: what the library logged meanwhile; OpenSSL's words are only there.
    init(code result: Int32, errno number: Int32, detail: String?, peer: String) {
        switch mosq_err_t(rawValue: result) {
        case MOSQ_ERR_EAI:
            let reason = unsafe gai_strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
            self.init(.resolve, "can't resolve \(peer): \(reason)")
        case MOSQ_ERR_TLS:
            let reason = detail ?? "the handshake failed"
            self.init(.tls, "no trusted connection to \(peer): \(reason); never tried in plain")
        case MOSQ_ERR_ERRNO:
            if let detail, detail.contains("OpenSSL") {
                self.init(.tls, "no trusted connection to \(peer): \(detail); never tried in plain")
            } else {
                self.init(.connect, "\(peer): \(SystemError.sentence(number))")
            }
        case MOSQ_ERR_CONN_LOST:
            self.init(.lost, "\(peer) closed the connection")
        case MOSQ_ERR_KEEPALIVE:
            self.init(.timeout, "\(peer) did not answer within two keepalives")
        default:
            let reason = unsafe mosquitto_strerror(result).map { unsafe String(cString: $0) } ?? "error \(result)"
            self.init(.lost, "\(peer): \(reason)")
        }
    }

    /// A refusing CONNACK.
    static func refused(reason: Int32, peer: String) -> SessionError {
        // 1–5 are MQTT 3.1.1's codes, those from 128 MQTT 5's.
        let words =
            unsafe reason < 128 ? mosquitto_connack_string(reason) : mosquitto_reason_string(reason)
        let text = unsafe words.map { unsafe String(cString: $0) } ?? "reason"
        let advice = [4, 5, 134, 135].contains(reason) ? "; check username and password" : ""
        return SessionError(.refused, "\(peer) refused the connection: \(text) (code \(reason))\(advice)")
    }

    /// A DISCONNECT that the broker sent (MQTT 5).
    static func disconnected(reason: Int32, peer: String) -> SessionError {
        if reason == Int32(MQTT_RC_SESSION_TAKEN_OVER.rawValue) {
            return SessionError(
                .takenOver, "\(peer): another client connected with our client_id; each process needs its own")
        }
        let text = unsafe mosquitto_reason_string(reason).map { unsafe String(cString: $0) } ?? "reason"
        return SessionError(.lost, "\(peer) ended the session: \(text) (code \(reason))")
    }
}
