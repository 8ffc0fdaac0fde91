internal import Glibc
internal import Synchronization

/// A TCP proxy on the loopback interface between a client and an MQTT broker, that fails on command.
///
/// ```
///   client ══▶ proxy ══▶ broker      pass, delay, dribble, stop reading, swallow, cut, refuse;
///          ◀══       ◀══             and it sees each PUBACK pass
/// ```
/// It runs on a thread of its own. Every method may be called from any thread and returns at once; what it asks for happens
/// within a turn of that thread.
public final class FaultProxy: Sendable {
    /// Where clients connect.
    public let port: Int

    private let shared: ProxyState

    /// - Parameter brokerPort: TCP port on 127.0.0.1 that connections are passed on to.
    public init(to brokerPort: Int) throws(ProxyFailure) {
        let listener = try Socket.bound(port: 0)
        port = listener.port
        try listener.listen()
        shared = try ProxyState(brokerPort: brokerPort)
        let loop = ProxyLoop(listener: listener, shared: shared)
        loop.start()
    }

    deinit { shared.change { $0.isStopping = true } }

    /// How bytes travel from now on, on present and on later connections.
    public func set(toBroker: Flow = .pass, toClient: Flow = .pass) {
        shared.change { state in
            (state.toBroker, state.toClient) = (toBroker, toClient)
            state.commands.append(.setFlows)
        }
    }

    /// Present connections die without a sign on either side; later ones work.
    public func goHalfOpen() { shared.change { $0.commands.append(.silence) } }

    /// Ends the present connections.
    public func cut(_ how: Cut) { shared.change { $0.commands.append(.cut(how)) } }

    /// Whether clients that connect are refused, as by a machine on which no broker runs.
    public func refuse(_ isRefusing: Bool) { shared.change { $0.commands.append(.refuse(isRefusing)) } }

    /// Whether subscriptions are answered with "not authorized", whatever the broker says. (mosquitto's access list refuses none.)
    public func refuseSubscriptions(_ isRefusing: Bool) { shared.change { $0.refusesSubscriptions = isRefusing } }

    /// Calls `action` on the proxy's thread at the instant at which a PUBACK has come from the client and has not gone to the broker:
    /// the `count`-th from now on, or the first after it that ends a wait of at least `deliveries` messages, and so is the
    /// first of a batch. Replaces an earlier request that is still waiting.
    public func atAcknowledgement(
        _ count: Int, of deliveries: Int = 0, _ fate: AcknowledgementFate, _ action: @escaping @Sendable () -> Void
    ) {
        precondition(count > 0, "acknowledgements are counted from 1, found \(count)")
        shared.change { state in
            state.trigger = ProxyState.Trigger(
                count: state.acknowledgements + count, deliveries: deliveries, fate: fate, action: action)
        }
    }

    /// Takes back what ``atAcknowledgement(_:_:_:)`` asked for. False when it has happened already.
    @discardableResult
    public func forgetAcknowledgement() -> Bool {
        shared.change { state in
            defer { state.trigger = nil }
            return state.trigger != nil
        }
    }

    /// PUBACKs that came from clients.
    public var acknowledgements: Int { shared.change { $0.acknowledgements } }
    /// PUBLISHes that came from the broker.
    public var deliveries: Int { shared.change { $0.deliveries } }
    /// PUBLISHes that came from the broker since the last PUBACK.
    public var unanswered: Int { shared.change { $0.unanswered } }
    /// Connections that clients made, also those that are gone.
    public var connections: Int { shared.change { $0.connections } }
    /// Connections at this moment whose client is there.
    public var openConnections: Int { shared.change { $0.openConnections } }
}

/// Why no proxy runs.
public struct ProxyFailure: Error, CustomStringConvertible {
    public var description: String
    init(_ description: String) { self.description = description }
}
