internal import Synchronization

/// What a proxy's owner asks for and its thread tells.
final class ProxyState: Sendable {
    enum Command: Sendable {
        case setFlows, silence
        case cut(Cut)
        case refuse(Bool)
    }

    /// What happens at an acknowledgement.
    struct Trigger: Sendable {
        /// Number of the acknowledgement, from the proxy's beginning.
        var count: Int
        /// Messages that must have come since the acknowledgement before.
        var deliveries: Int
        var fate: AcknowledgementFate
        var action: @Sendable () -> Void
    }

    struct Fields: Sendable {
        var toBroker = Flow.pass, toClient = Flow.pass
        var commands: [Command] = []
        var trigger: Trigger?
        var isStopping = false
        var refusesSubscriptions = false
        var acknowledgements = 0, deliveries = 0, connections = 0, openConnections = 0
        /// Deliveries since the last acknowledgement.
        var unanswered = 0
    }

    let brokerPort: Int
    /// Rung when there is something new for the thread.
    let bell: Bell
    private let fields = Mutex(Fields())

    init(brokerPort: Int) throws(ProxyFailure) {
        self.brokerPort = brokerPort
        bell = try Bell()
    }

    /// For everyone but the proxy's thread: it is woken.
    func change<Value>(_ body: (inout sending Fields) -> sending Value) -> sending Value {
        let value = fields.withLock(body)
        bell.ring()
        return value
    }

    /// For the proxy's thread.
    func update<Value>(_ body: (inout sending Fields) -> sending Value) -> sending Value { fields.withLock(body) }

    /// One acknowledgement has come: the trigger that waited for it.
    func countAcknowledgement() -> Trigger? {
        fields.withLock { fields in
            fields.acknowledgements += 1
            let waited = fields.unanswered
            fields.unanswered = 0
            guard let trigger = fields.trigger, trigger.count <= fields.acknowledgements, trigger.deliveries <= waited
            else { return nil }
            fields.trigger = nil
            return trigger
        }
    }
}
