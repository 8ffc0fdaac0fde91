internal import Logging
internal import MQTTSession
internal import Readings

/// The host application's side of a Sparkplug connection: says that it is there, asks edge nodes to begin anew, and tells
/// the stream who died. Owned by the network thread.
///
/// - Source: Sparkplug 3.0.0 §5.
final class SparkplugSession: MessageReceiver {
    private let settings: SparkplugSettings
    private let intake: MessageIntake
    private let stateTopic: [UInt8]
    private let logger: Logger
    /// What births and wills of this connection carry.
    private var timestampMs: Int64 = 0
    /// Sessions of the connection that have been told that we are there.
    private var announced = 0
    /// Somebody else said that we are not: an earlier connection's will.
    private var isContradicted = false
    private var nextLookMs: Int64 = 0
    /// Deaths that the ring had no room for.
    private var waiting: [StreamElement] = []

    /// Between two looks at what has become due.
    private static let lookMs: Int64 = 250

    init(_ settings: SparkplugSettings, intake: MessageIntake, known: [EdgeNodeID], logger: Logger) {
        (self.settings, self.intake, self.logger) = (settings, intake, logger)
        stateTopic = Array(SparkplugCommand.stateTopic(host: settings.host).utf8)
        intake.followSparkplug(settings, known: known)
    }

    // MARK: - Messages

    func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
        guard topic.count == stateTopic.count, isOwnState(topic) else {
            return intake.receive(topic: topic, payload: payload, delivery: delivery)
        }
        if SparkplugCommand.saysOffline(payload) { isContradicted = true }
    }

    private func isOwnState(_ topic: Span<UInt8>) -> Bool {
        for index in topic.indices where topic[index] != stateTopic[index] { return false }
        return true
    }

    // MARK: - The connection

    /// A connection is about to be made: what the broker is to say when we vanish.
    func will(atMs: Int64) -> SessionConfiguration.Will {
        timestampMs = atMs
        isContradicted = false
        intake.sparkplugBegins(atMs: atMs)
        return SessionConfiguration.Will(
            topic: SparkplugCommand.stateTopic(host: settings.host),
            payload: SparkplugCommand.state(isOnline: false, atMs: atMs), isRetained: true)
    }

    /// At every turn: says that we are there once everything is subscribed, and does what has become due.
    func turn(_ session: BrokerSession, wallMs: Int64, monotonicMs: Int64) {
        pushWaiting()
        guard session.state == .up else { return }
        if announced != session.connects || isContradicted {
            (announced, isContradicted) = (session.connects, false)
            publishState(session, isOnline: true, atMs: timestampMs)
        }
        guard monotonicMs >= nextLookMs, waiting.isEmpty else { return }
        nextLookMs = monotonicMs + Self.lookMs
        for notice in intake.takeSparkplugNotices(atMs: wallMs) { act(on: notice, session, wallMs: wallMs) }
        pushWaiting()
    }

    /// The daemon stops in order: nobody needs the will.
    func stop(_ session: BrokerSession, atMs: Int64) {
        guard session.state == .up else { return }
        publishState(session, isOnline: false, atMs: atMs)
    }

    private func publishState(_ session: BrokerSession, isOnline: Bool, atMs: Int64) {
        let payload = Array(SparkplugCommand.state(isOnline: isOnline, atMs: atMs).utf8)
        publish(
            session, SparkplugCommand.stateTopic(host: settings.host), payload, qos: 1, retain: true)
        logger.info("sparkplug.state", metadata: ["host": "\(settings.host)", "online": .stringConvertible(isOnline)])
    }

    private func publish(_ session: BrokerSession, _ topic: String, _ payload: [UInt8], qos: Int32, retain: Bool) {
        do throws(SessionError) {
            try session.publish(topic: topic, payload: payload.span, qos: qos, retain: retain)
        } catch {
            // The connection is ending: the next one says it again.
            logger.debug("sparkplug.unpublished", metadata: ["topic": "\(topic)", "reason": "\(error)"])
        }
    }

    // MARK: - Notices

    private func act(on notice: SparkplugHost.Notice, _ session: BrokerSession, wallMs: Int64) {
        switch notice {
        case .rebirth(let node):
            publish(session, node.commandTopic, SparkplugCommand.rebirth(atMs: wallMs), qos: 0, retain: false)
            logger.info("sparkplug.rebirth_asked", metadata: ["node": "\(node)"])
        case .death(let sensors, let isWholeNode):
            logger.info(
                "sparkplug.died",
                metadata: [
                    "sensors": .stringConvertible(sensors.count), "whole_node": .stringConvertible(isWholeNode),
                    "first": "\(sensors[0])",
                ])
            for id in sensors {
                guard let sensor = intake.index(of: id) else { continue }
                waiting.append(.death(sensor, isGateway: isWholeNode, atMs: wallMs))
                // One sensor that was let in stands for its node.
                if isWholeNode { break }
            }
        }
    }

    private func pushWaiting() {
        while let first = waiting.first, intake.push(first) { waiting.removeFirst() }
    }
}
