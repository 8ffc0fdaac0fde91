/// A broker with one persistent session: what MQTT promises at QoS 1, and all that it does not.
///
/// ```
///   publish ─▶ queue ─▶ in flight (window) ──socket──▶ daemon
///                           ▲    │ removed by a PUBACK
///   lost connection: all in flight again, in order, before the queue
/// ```
/// - Source: MQTT 5.0 §4.4 (redelivery), §4.6 (order), §4.9 (flow control).
struct SimulatedBroker {
    /// A message under way, with its place in the order of publishing.
    struct Delivery: Equatable {
        var number: Int
        var message: StreetMessage
    }

    let window: Int
    /// Every message that a publisher had acknowledged to it, by number.
    private(set) var accepted: [StreetMessage] = []
    private var queue: [Int] = []
    private(set) var inFlight: [Int] = []
    /// What of `inFlight` was sent in this connection.
    private var sent = 0
    private(set) var isConnected = false
    /// On its way to the daemon, and acknowledgements on their way here.
    private(set) var toDaemon: [Int] = []
    private var toBroker: [Int] = []
    /// Deliveries beyond the first of a message.
    private(set) var redeliveries = 0
    /// How often each message was put into a socket.
    private(set) var deliveries: [Int: Int] = [:]
    /// The last messages that were acknowledged, oldest first.
    private var forgettable: [Int] = []

    init(window: Int) { self.window = window }

    /// Whether everything accepted was acknowledged by the daemon, and the acknowledgements have arrived.
    var isDrained: Bool { queue.isEmpty && inFlight.isEmpty }

    mutating func publish(_ message: StreetMessage) {
        queue.append(accepted.count)
        accepted.append(message)
    }

    /// The session goes on: what was in flight is sent again, in order.
    mutating func connect() {
        isConnected = true
        sent = 0
        toDaemon = []
        toBroker = []
    }

    /// Puts the next message into the socket, if the window allows. Returns whether it did.
    mutating func send() -> Bool {
        guard isConnected else { return false }
        if sent == inFlight.count {
            guard inFlight.count < window, !queue.isEmpty else { return false }
            inFlight.append(queue.removeFirst())
        }
        let number = inFlight[sent]
        sent += 1
        toDaemon.append(number)
        if deliveries[number, default: 0] > 0 { redeliveries += 1 }
        deliveries[number, default: 0] += 1
        return true
    }

    /// Reads one acknowledgement. Returns whether there was one.
    mutating func takeAcknowledgement() -> Bool {
        guard isConnected, !toBroker.isEmpty else { return false }
        let number = toBroker.removeFirst()
        if let place = inFlight.firstIndex(of: number) {
            inFlight.remove(at: place)
            forgettable.append(number)
            if forgettable.count > window { forgettable.removeFirst() }
            if place < sent { sent -= 1 }
        }
        return true
    }

    /// The connection breaks. Some acknowledgements may arrive before that; what the daemon's socket holds stays there to
    /// be read, or is gone too.
    mutating func drop(losingSocket: Bool, chance: inout Chance) {
        for _ in 0..<chance.number(0...max(0, toBroker.count)) { _ = takeAcknowledgement() }
        isConnected = false
        toBroker = []
        if losingSocket { toDaemon = [] }
    }

    /// The broker starts again from what it had last saved: it has forgotten the newest acknowledgements, and delivers those
    /// messages once more. Its publishers' messages it has kept.
    mutating func restart(chance: inout Chance) {
        drop(losingSocket: chance.happens(50), chance: &chance)
        let forgotten = forgettable.suffix(chance.number(0...forgettable.count))
        forgettable.removeLast(forgotten.count)
        inFlight.insert(contentsOf: forgotten, at: 0)
    }

    // MARK: The daemon's end of the socket

    mutating func receive() -> Delivery? {
        guard !toDaemon.isEmpty else { return nil }
        let number = toDaemon.removeFirst()
        return Delivery(number: number, message: accepted[number])
    }

    mutating func acknowledge(_ number: Int) {
        if isConnected { toBroker.append(number) }
    }
}
