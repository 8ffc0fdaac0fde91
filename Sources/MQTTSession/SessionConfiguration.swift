/// One broker connection: where, as whom, and on which terms.
///
/// Every default works with a broker on this machine. Keys are those of one entry of the configuration's broker list.
public struct SessionConfiguration: Sendable, Equatable {
    /// What logs, metrics and the dashboard call this connection. Key `name`.
    public var name = "local"
    /// Broker's host name or address. Key `host`.
    public var host = "localhost"
    /// Broker's TCP port. Key `port`; 1883 by custom, 8883 with TLS.
    public var port = 1883
    /// The session's id at the broker, the same at every start, and one process's only. Key `client_id`.
    public var clientID = "sluice"
    /// Key `username`.
    public var username: String?
    /// From the environment or a credential file, never from the configuration's text. Never printed.
    public var password: String?
    /// Key `version`: 5 or 3.1.1. With 5 the broker keeps retained messages to itself and honours ``receiveMaximum``.
    public var version = ProtocolVersion.v5
    /// Whether the broker forgets the session when the connection ends, and with it what was published meanwhile.
    /// Key `clean_session`. For those who publish, and for Sparkplug, which has it so: births say anew what was missed.
    public var isClean = false
    /// How long a broker that speaks MQTT 5 keeps the session of an absent client. Key `session_expiry`.
    /// The default is 136 years, the longest that is not "for ever": some brokers refuse that.
    public var sessionExpiryS: UInt32 = 0xFFFF_FFFE
    /// Seconds of silence after which either side asks whether the other is there. Key `keepalive`, 5–65535.
    /// A dead connection is found within twice this.
    public var keepaliveS = 60
    /// Messages that the broker may send ahead of acknowledgement, and so the largest batch. Key `receive_maximum`.
    public var receiveMaximum = 2000
    /// Bytes of the largest packet that the broker may send. Key `max_packet_size`.
    /// Should equal the broker's own `message_size_limit`: what lies between is withheld in silence.
    public var maxPacketBytes = 256 * 1024
    /// Encryption, or nil for a plain connection. Key `tls`. A failed handshake never falls back to plain.
    public var tls: TLSConfiguration?
    /// Topic filters to subscribe, at QoS 1. Key `topics`; routes add theirs.
    public var topicFilters: [String] = []
    /// Filters to subscribe too; a broker that refuses them is none the worse for it. Not a key.
    public var optionalFilters: [String] = []
    /// Filters that earlier runs subscribed under this client id. A broker that remembers the session goes on delivering
    /// for them, so those that are not among ``topicFilters`` are given up. Not a key: whoever runs the session remembers.
    public var formerFilters: [String] = []
    /// What the broker publishes for us when we vanish. Key `will`.
    public var will: Will?
    /// First and longest wait between attempts to connect. Keys `reconnect_min`, `reconnect_max`.
    public var reconnectMs = 100...30_000
    /// First wait after the broker refused us: a wrong password does not mend itself. Key `reconnect_refused`.
    public var refusedMs = 5_000

    public enum ProtocolVersion: String, Sendable, CaseIterable {
        case v5 = "5"
        case v311 = "3.1.1"
    }

    /// A last will and testament, published at QoS 1.
    public struct Will: Sendable, Equatable {
        /// Key `will.topic`.
        public var topic: String
        /// Key `will.payload`.
        public var payload: String
        /// Key `will.retain`.
        public var isRetained = false

        public init(topic: String, payload: String, isRetained: Bool = false) {
            (self.topic, self.payload, self.isRetained) = (topic, payload, isRetained)
        }
    }

    public init() {}

    /// Every problem, each starting with its key below `path`, so that the operator edits the file once.
    public func problems(at path: String = "mqtt") -> [String] {
        var found: [String] = []
        func check(_ isGood: Bool, _ key: String, _ sentence: @autoclosure () -> String) {
            if !isGood { found.append("\(path).\(key): \(sentence())") }
        }
        check(!name.isEmpty, "name", "must not be empty")
        check(!host.isEmpty, "host", "must be a host name or an address, is empty")
        check((1...65_535).contains(port), "port", "must be 1–65535, found \(port)")
        check(!clientID.isEmpty, "client_id", "must not be empty: the broker keeps our session under this name")
        check(clientID.utf8.count <= 65_535, "client_id", "must be at most 65535 bytes")
        check((5...65_535).contains(keepaliveS), "keepalive", "must be 5–65535 seconds, found \(keepaliveS)")
        check(
            (1...65_535).contains(receiveMaximum), "receive_maximum",
            "must be 1–65535 messages, found \(receiveMaximum)")
        check(
            (1024...268_435_455).contains(maxPacketBytes), "max_packet_size",
            "must be 1024–268435455 bytes, found \(maxPacketBytes)")
        check(password == nil || username != nil, "username", "must be given with a password")
        check(reconnectMs.lowerBound > 0, "reconnect_min", "must be positive, found \(reconnectMs.lowerBound) ms")
        check(refusedMs > 0, "reconnect_refused", "must be positive, found \(refusedMs) ms")
        for filter in topicFilters {
            if let problem = TopicFilter.problem(with: filter) { check(false, "topics", "“\(filter)” \(problem)") }
        }
        if let will, will.topic.isEmpty || will.topic.utf8.contains(where: { $0 == 0x23 || $0 == 0x2B }) {
            check(false, "will.topic", "must be a topic without + and #, found “\(will.topic)”")
        }
        if let tls { found += tls.problems(at: "\(path).tls") }
        return found
    }
}
