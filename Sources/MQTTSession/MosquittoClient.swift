internal import CMosquitto
internal import Glibc

/// One `struct mosquitto` and what its callbacks reported. The target's only unsafe code, with ``SessionError``.
///
/// Owned by one thread. The library is told that it is threaded although it isn't: then it only queues what it has to
/// send, and sends it in ``write()``. So acknowledgements leave when the owner says so. (libmosquitto 2.0.11,
/// `lib/packet_mosq.c`, `packet__queue`: it writes at once only outside a callback and not threaded.)
@safe final class MosquittoClient {
    private let handle: OpaquePointer
    private let properties: UnsafeMutablePointer<OpaquePointer?>
    private let peer: String
    private unowned let receiver: (any MessageReceiver)?

    /// The broker's answer to CONNECT, until taken.
    private(set) var connack: (reason: Int32, hasSession: Bool)?
    /// The broker's answer to SUBSCRIBE: a code for each filter, until taken.
    private(set) var suback: [Int32]?
    /// Why the connection ended, if the broker said so.
    private(set) var disconnectReason: Int32?
    /// Publishes that are done: acknowledged at QoS 1, written at QoS 0.
    private(set) var published = 0
    /// Of them, those that the broker took and would not have: its access rules. MQTT 3.1.1 can't say so.
    private(set) var refusedPublishes = 0
    /// Packets that meant something, so far. When it stands still after ``read()``, the socket is drained.
    private(set) var received = 0
    /// The last error that the library logged while connecting.
    private var logged: String?

    /// - Parameters:
    ///   - receiver: takes the messages; must outlive this object.
    ///   - sendWindow: publishes that may be unacknowledged.
    init(_ configuration: SessionConfiguration, sendWindow: Int, receiver: (any MessageReceiver)?) throws(SessionError)
    {
        _ = Self.library
        peer = configuration.peer
        self.receiver = receiver
        guard let made = unsafe mosquitto_new(configuration.clientID, configuration.isClean, nil) else {
            throw SessionError(.configuration, "client_id: libmosquitto does not take “\(configuration.clientID)”")
        }
        unsafe handle = made
        unsafe properties = .allocate(capacity: 1)
        unsafe properties.initialize(to: nil)
        unsafe mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        _ = unsafe mosquitto_threaded_set(handle, true)
        setCallbacks()
        try configure(configuration, sendWindow: sendWindow)
    }

    deinit {
        // Closes the socket without writing what is queued.
        unsafe mosquitto_destroy(handle)
        unsafe mosquitto_property_free_all(properties)
        unsafe properties.deallocate()
    }

    /// Once a process. A broker that goes away must be an error of `write`, not a signal.
    private static let library: Void = {
        _ = signal(SIGPIPE, SIG_IGN)
        mosquitto_lib_init()
    }()

    // MARK: - Set-up

    private func configure(_ configuration: SessionConfiguration, sendWindow: Int) throws(SessionError) {
        let isV5 = configuration.version == .v5
        try set(MOSQ_OPT_PROTOCOL_VERSION, isV5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311)
        try set(MOSQ_OPT_RECEIVE_MAXIMUM, Int32(configuration.receiveMaximum))
        try set(MOSQ_OPT_SEND_MAXIMUM, Int32(sendWindow))
        if isV5 {
            if !configuration.isClean {
                unsafe mosquitto_property_add_int32(
                    properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), configuration.sessionExpiryS)
            }
            unsafe mosquitto_property_add_int32(
                properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), UInt32(configuration.maxPacketBytes))
        }
        if let username = configuration.username {
            try check(
                unsafe mosquitto_username_pw_set(handle, username, configuration.password), "username, password")
        }
        if let will = configuration.will { try set(will: will) }
        if let tls = configuration.tls { try configure(tls) }
    }

    private func configure(_ tls: TLSConfiguration) throws(SessionError) {
        if let file = tls.caFile {
            let result = unsafe mosquitto_tls_set(handle, file, nil, tls.certificateFile, tls.keyFile, nil)
            try check(result, "tls.ca, tls.certificate, tls.key")
        } else {
            // The directory of the system's authorities; the option beside it adds those that OpenSSL knows.
            let result = unsafe mosquitto_tls_set(
                handle, nil, "/etc/ssl/certs", tls.certificateFile, tls.keyFile, nil)
            try check(result, "tls.certificate, tls.key")
            try set(MOSQ_OPT_TLS_USE_OS_CERTS, 1)
        }
        // 1: the broker must show a certificate. The version is the oldest accepted: newer ones are not switched off.
        try check(unsafe mosquitto_tls_opts_set(handle, 1, "tlsv\(tls.minimum.rawValue)", nil), "tls.min_version")
        try check(unsafe mosquitto_tls_insecure_set(handle, !tls.verifiesName), "tls.verify_name")
    }

    private func set(_ option: mosq_opt_t, _ value: Int32) throws(SessionError) {
        try check(unsafe mosquitto_int_option(handle, option, value), "option \(option.rawValue)")
    }

    private func check(_ result: Int32, _ key: String) throws(SessionError) {
        guard result != 0 else { return }
        let reason = unsafe mosquitto_strerror(result).map { unsafe String(cString: $0) } ?? "error \(result)"
        throw SessionError(.configuration, "\(key): \(reason)")
    }

    /// Replaces the will of the next connection.
    func set(will: SessionConfiguration.Will) throws(SessionError) {
        let bytes = Array(will.payload.utf8)
        try check(unsafe mosquitto_will_set(handle, will.topic, Int32(bytes.count), bytes, 1, will.isRetained), "will")
    }

    // MARK: - Calls

    /// Resolves, connects and queues CONNECT. Blocks while the resolver and TCP take their time.
    func connect(host: String, port: Int, keepaliveS: Int) throws(SessionError) {
        connack = nil
        suback = nil
        disconnectReason = nil
        logged = nil
        listenToLog(true)
        errno = 0
        let result = unsafe mosquitto_connect_bind_v5(
            handle, host, Int32(port), Int32(keepaliveS), nil, properties.pointee)
        try interpret(result)
    }

    /// Queues SUBSCRIBE for all filters at QoS 1, without what the broker has retained.
    func subscribe(_ filters: [String]) throws(SessionError) {
        let copies = unsafe filters.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let options = Int32(MQTT_SUB_OPT_SEND_RETAIN_NEVER.rawValue)
        let result = unsafe copies.withUnsafeBufferPointer { list in
            unsafe mosquitto_subscribe_multiple(
                handle, nil, Int32(list.count), UnsafeMutablePointer(mutating: list.baseAddress), 1, options, nil)
        }
        try interpret(result)
    }

    /// Queues UNSUBSCRIBE for all filters. One that was never subscribed does no harm.
    func unsubscribe(_ filters: [String]) throws(SessionError) {
        let copies = unsafe filters.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        let result = unsafe copies.withUnsafeBufferPointer { list in
            unsafe mosquitto_unsubscribe_multiple(
                handle, nil, Int32(list.count), UnsafeMutablePointer(mutating: list.baseAddress), nil)
        }
        try interpret(result)
    }

    /// Reads one packet at most over TCP; over TLS all that has been decrypted.
    func read() throws(SessionError) {
        errno = 0
        try interpret(unsafe mosquitto_loop_read(handle, 1))
    }

    /// Sends what is queued, acknowledgements among it, as far as the socket takes it.
    ///
    /// The library hands over each packet by a call of its own; corked, they leave together. Each segment that is saved saves
    /// its way through both ends' network stacks, and a thread that is woken for four bytes.
    func write() throws(SessionError) {
        cork(true)
        defer { cork(false) }
        errno = 0
        try interpret(unsafe mosquitto_loop_write(handle, 1))
    }

    /// Holds back segments that are not full, or sends them: tcp(7).
    private func cork(_ isOn: Bool) { set(TCP_CORK, isOn ? 1 : 0) }

    /// Acknowledges at once, to TCP, what has arrived. Says nothing about messages.
    func acknowledgeSegments() { set(TCP_QUICKACK, 1) }

    /// Where there is no socket any more, nothing happens.
    private func set(_ option: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(socket, Int32(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Keepalive. To be called about once a second.
    func service() throws(SessionError) {
        errno = 0
        try interpret(unsafe mosquitto_loop_misc(handle))
    }

    /// Queues DISCONNECT.
    func disconnect() { _ = unsafe mosquitto_disconnect(handle) }

    /// Queues a message.
    func publish(topic: String, payload: Span<UInt8>, qos: Int32, retain: Bool) throws(SessionError) {
        let result = unsafe payload.withUnsafeBufferPointer { bytes in
            unsafe mosquitto_publish(handle, nil, topic, Int32(bytes.count), bytes.baseAddress, qos, retain)
        }
        try interpret(result)
    }

    /// The socket, or -1.
    var socket: Int32 { unsafe mosquitto_socket(handle) }

    /// Whole days until the broker's certificate ends; nil without TLS.
    var certificateDaysLeft: Int? {
        guard let connection = unsafe mosquitto_ssl_get(handle) else { return nil }
        return unsafe PeerCertificate.daysLeft(of: OpaquePointer(connection))
    }

    /// Whether something is queued.
    var wantsWrite: Bool { unsafe mosquitto_want_write(handle) }

    func takeConnack() -> (reason: Int32, hasSession: Bool)? {
        defer { connack = nil }
        return connack
    }

    func takeSuback() -> [Int32]? {
        defer { suback = nil }
        return suback
    }

    /// Stops listening to the library's log: it formats a line for every message as soon as somebody listens.
    func finishConnecting() { listenToLog(false) }

    private func interpret(_ result: Int32) throws(SessionError) {
        guard result != 0 else { return }
        throw SessionError(code: result, errno: errno, detail: logged, peer: peer)
    }

    // MARK: - Callbacks

    private func setCallbacks() {
        unsafe mosquitto_connect_v5_callback_set(handle) { _, context, reason, flags, _ in
            unsafe MosquittoClient.from(context) { client in
                client.connack = (reason, flags & 1 != 0)
                client.received &+= 1
            }
        }
        unsafe mosquitto_disconnect_callback_set(handle) { _, context, reason in
            unsafe MosquittoClient.from(context) { $0.disconnectReason = reason }
        }
        unsafe mosquitto_subscribe_callback_set(handle) { _, context, _, count, granted in
            unsafe MosquittoClient.from(context) { client in
                client.suback = unsafe Array(UnsafeBufferPointer(start: granted, count: Int(count)))
                client.received &+= 1
            }
        }
        unsafe mosquitto_publish_v5_callback_set(handle) { _, context, _, reason, _ in
            unsafe MosquittoClient.from(context) { client in
                client.published &+= 1
                if reason >= 128 { client.refusedPublishes &+= 1 }
                client.received &+= 1
            }
        }
        unsafe mosquitto_message_callback_set(handle) { _, context, message in
            guard let message = unsafe message?.pointee else { return }
            unsafe MosquittoClient.from(context) { unsafe $0.hand(over: message) }
        }
    }

    private func hand(over message: mosquitto_message) {
        received &+= 1
        guard let receiver, let topic = unsafe message.topic else { return }
        let name = unsafe UnsafeRawBufferPointer(start: topic, count: strlen(topic))
        let body = unsafe UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
        // The memory is the library's until this call returns, and the receiver can't keep a span.
        unsafe receiver.receive(
            topic: name.bindMemory(to: UInt8.self).span, payload: body.bindMemory(to: UInt8.self).span,
            delivery: Delivery(isRetained: message.retain, isAcknowledged: message.qos > 0))
    }

    private func listenToLog(_ isListening: Bool) {
        guard isListening else {
            unsafe mosquitto_log_callback_set(handle, nil)
            return
        }
        unsafe mosquitto_log_callback_set(handle) { _, context, level, text in
            guard level & Int32(MOSQ_LOG_ERR) != 0, let text = unsafe text else { return }
            let line = unsafe String(cString: text)
            unsafe MosquittoClient.from(context) { client in
                // The first line says what failed, those behind it only that it did.
                if client.logged == nil { client.logged = line }
            }
        }
    }

    /// Runs `body` on the client whose callback this is. `context` is the `self` that ``init`` gave to the library,
    /// alive because the library calls only from within calls of its own methods.
    private static func from(_ context: UnsafeMutableRawPointer?, _ body: (MosquittoClient) -> Void) {
        guard let context = unsafe context else { return }
        unsafe body(Unmanaged<MosquittoClient>.fromOpaque(context).takeUnretainedValue())
    }
}

extension SessionConfiguration {
    /// The broker, as logs and errors name it.
    var peer: String { "\(host):\(port)" }
}
