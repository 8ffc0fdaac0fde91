internal import Logging
internal import MQTTSession
internal import Readings
internal import TimeBase

/// A publisher for commands: counts, and turns what goes wrong into a sentence with an exit code.
final class Publishing {
    let mqtt: MQTTPublisher
    private let session: SessionConfiguration
    private(set) var done = 0

    private init(_ mqtt: MQTTPublisher, _ session: SessionConfiguration) { (self.mqtt, self.session) = (mqtt, session) }

    static func connect(_ session: SessionConfiguration, logger: Logger) throws -> Publishing {
        do {
            let mqtt = try MQTTPublisher(session, wallMs: WallClock.system.nowMs, logger: logger)
            try mqtt.connect()
            return Publishing(mqtt, session)
        } catch {
            throw Failure(error, at: session)
        }
    }

    /// Hands one message over at QoS 1. Blocks while too many are unacknowledged.
    func publish(_ topic: [UInt8], _ payload: [UInt8]) throws {
        do {
            try mqtt.publish(topic: String(decoding: topic, as: UTF8.self), payload: payload.span)
        } catch {
            throw Failure(error, at: session)
        }
        done += 1
    }

    /// Keeps the connection alive until it is time for the next message.
    func idle(until time: ContinuousClock.Instant) {
        while true {
            let left = (time - .now).milliseconds
            guard left > 0 else { return }
            mqtt.service(timeoutMs: Int(min(left, 100)))
        }
    }

    /// Waits until the broker has acknowledged everything, and says goodbye.
    func finish() throws {
        do { try mqtt.flush() } catch { throw Failure(error, at: session) }
        mqtt.close()
    }
}

extension Failure {
    /// What went wrong between us and a broker.
    init(_ error: SessionError, at session: SessionConfiguration) {
        let place = "\(session.host):\(session.port)"
        switch error.code {
        case .refused:
            self.init("the broker at \(place) refused: \(error); check --username and --password-env", .brokerRefused)
        default: self.init("no broker at \(place): \(error); check --broker", .noBroker)
        }
    }
}

/// Spreads events evenly over time.
struct Pace {
    private let nsBetween: UInt64
    private var next = ContinuousClock.now

    /// - Parameter perSecond: 0 for no limit.
    init(perSecond: Int) { nsBetween = perSecond > 0 ? 1_000_000_000 / UInt64(perSecond) : 0 }

    /// When the next event is due; nil without a limit.
    mutating func due() -> ContinuousClock.Instant? {
        guard nsBetween > 0 else { return nil }
        next += .nanoseconds(nsBetween)
        return next
    }
}
