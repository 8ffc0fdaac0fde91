import Logging
import MQTTSession
import TestSupport

extension TestBroker {
    /// What connects as the broker's one user.
    func session(clientID: String) -> SessionConfiguration {
        var session = SessionConfiguration()
        session.name = clientID
        session.host = "127.0.0.1"
        session.port = port
        session.clientID = clientID
        session.username = username
        session.password = password
        return session
    }

    /// A connected publisher.
    func publisher() throws -> MQTTPublisher {
        var session = session(clientID: "publisher-\(UInt32.random(in: .min ... .max))")
        session.isClean = true
        let publisher = try MQTTPublisher(session, wallMs: { 0 }, logger: Logger(label: "test"))
        try publisher.connect()
        return publisher
    }
}
