internal import Logging
internal import MQTTSession
internal import Readings
internal import ServiceLifecycle
internal import Simulation

/// The city's devices: publishes what they measure to a broker, at the time at which they would send it.
struct CityPublisher: Service, CustomStringConvertible {
    let city: SyntheticCity
    let fromMs: Int64
    let session: SessionConfiguration
    let clock: WallClock
    let logger: Logger

    var description: String { "city" }

    func run() async throws {
        let stop = StopFlag()
        try await withGracefulShutdownHandler {
            try await offPool("sluice-city") { try publish(until: stop) }
        } onGracefulShutdown: {
            stop.raise()
        }
    }

    /// Publishes until told to stop. Blocks.
    private func publish(until stop: StopFlag) throws {
        let publisher = try MQTTPublisher(session, wallMs: clock.nowMs, logger: logger)
        try publisher.connect()
        // Far enough for anyone's patience: spans are walked lazily.
        var messages = city.messages(fromMs: fromMs, toMs: fromMs + 10 * 365 * Demo.dayMs)
        var message = CityMessage()
        while !stop.isRaised, messages.next(into: &message) {
            while message.atMs > clock.nowMs(), !stop.isRaised { publisher.service(timeoutMs: 10) }
            guard !stop.isRaised else { break }
            try publisher.publish(
                topic: String(decoding: message.topic, as: UTF8.self), payload: message.payload.span)
        }
        try publisher.flush(timeoutMs: 1000)
        publisher.close()
    }
}
