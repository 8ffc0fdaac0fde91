import Logging
import MQTTSession
import Synchronization
import TestSupport
import TimeBase

extension TestBroker {
    /// A configuration that reaches this broker.
    func session(
        _ clientID: String, topics: [String] = [], version: SessionConfiguration.ProtocolVersion = .v5
    ) -> SessionConfiguration {
        var configuration = SessionConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = port
        configuration.clientID = clientID
        configuration.username = username
        configuration.password = password
        configuration.topicFilters = topics
        configuration.version = version
        return configuration
    }
}

/// Keeps the messages that a session delivers, as text.
final class Inbox: MessageReceiver {
    var messages: [String] = []
    var retained = 0

    func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
        messages.append((0..<payload.count).map { String(Unicode.Scalar(payload[$0])) }.joined())
        if delivery.isRetained { retained += 1 }
    }
}

/// Log events by name, to be looked at by a test.
final class EventLog: Sendable {
    private let events = Mutex<[String]>([])
    var names: [String] { events.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: EventLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(log: EventLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { log.events.withLock { $0.append(event.message.description) } }
    }
}

extension BrokerSession {
    convenience init(_ configuration: SessionConfiguration, _ inbox: Inbox?, log: EventLog = EventLog()) throws {
        try self.init(configuration, receiver: inbox, wallMs: { 1_000 }, logger: log.logger)
    }

    /// Drives the session as an owner would who stores at once, until `isDone` or the time is over.
    @discardableResult
    func drive(ms: Int64 = 10_000, writes: Bool = true, until isDone: () -> Bool) -> Bool {
        let end = MonotonicClock.nowMs() + ms
        while !isDone() {
            if MonotonicClock.nowMs() > end { return false }
            if state == .down, MonotonicClock.nowMs() >= nextAttemptMs { connect() }
            service()
            if writes || state != .up { write() }
            wait(reading: true, writing: writes, wake: -1, timeoutMs: 5)
            while read() {}
        }
        return true
    }
}
