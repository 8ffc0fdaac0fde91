internal import Dispatch
internal import Foundation
internal import Logging
public import MQTTSession
internal import Synchronization

/// Collects a broker's messages on a thread of its own.
public final class Subscriber: Sendable {
    public struct Message: Sendable {
        public var topic: String
        public var payload: [UInt8]
    }

    private final class Receiver: MessageReceiver {
        let takesRetained: Bool
        let add: (Message) -> Void

        init(takesRetained: Bool, add: @escaping (Message) -> Void) {
            (self.takesRetained, self.add) = (takesRetained, add)
        }

        func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
            guard takesRetained || !delivery.isRetained else { return }
            add(
                Message(
                    topic: String(decoding: topic.indices.map { topic[$0] }, as: UTF8.self),
                    payload: payload.indices.map { payload[$0] }))
        }
    }

    private final class Board: Sendable {
        let messages = Mutex<[Message]>([])
        /// Signalled once it is subscribed.
        let up = DispatchSemaphore(value: 0)
        let isEnded = Mutex(false)
    }
    private let board = Board()

    public var messages: [Message] { board.messages.withLock { $0 } }

    /// Subscribed when it returns.
    ///
    /// - Parameter isRemembered: whether the broker keeps its session once it is gone, and messages for it.
    public init(
        _ configuration: SessionConfiguration, topics: [String], takesRetained: Bool = false, isRemembered: Bool = false
    ) throws {
        var configuration = configuration
        configuration.isClean = !isRemembered
        configuration.topicFilters = topics
        // 3.1.1 has no way to decline what is retained.
        if takesRetained { configuration.version = .v311 }
        let (settings, board) = (configuration, board)
        Thread.detachNewThread {
            let receiver = Receiver(takesRetained: takesRetained) { message in
                board.messages.withLock { $0.append(message) }
            }
            guard
                let session = try? BrokerSession(
                    settings, receiver: receiver, wallMs: { 0 },
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            else { return }
            var wasUp = false
            while !board.isEnded.withLock({ $0 }) {
                if session.state == .down { session.connect() }
                session.write()
                session.wait(reading: true, writing: true, wake: -1, timeoutMs: 20)
                while session.read() {}
                session.service()
                if session.state == .up, !wasUp {
                    wasUp = true
                    board.up.signal()
                }
            }
            session.disconnect()
        }
        guard board.up.wait(timeout: .now() + 20) == .success else {
            board.isEnded.withLock { $0 = true }
            throw TestTimeout(description: "the subscriber is not up")
        }
    }

    deinit { board.isEnded.withLock { $0 = true } }
}
