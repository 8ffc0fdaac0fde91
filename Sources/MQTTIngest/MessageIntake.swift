internal import Crypto
package import MQTTSession
package import Readings
package import SPSCRing

/// Message → elements in the ring: the session's receiver, on the network thread.
///
/// A message is either pushed whole or parked, to be tried again in order. Nothing is dropped here, no lock is taken, and
/// in the steady state nothing is allocated.
package final class MessageIntake: MessageReceiver {
    /// Stamped once for each round of reading.
    package var arrivedAtMs: Int64 = 0
    var tally = IngestTally()
    /// Our own message, where one is sent.
    var canary: Canary?
    /// How many messages the broker says that it has dropped.
    private(set) var brokerDropped: (total: Int64, isRetained: Bool)?
    private let droppedTopic = Array(IngestConfiguration.droppedTopic.utf8)

    private var decoder: MessageDecoder
    private var inlet: Inlet<StreamElement, Admission>
    private var names: NameTable
    /// Ids that the pipeline does not admit; the index is the ``QuarantineReason``.
    private var refused: NameTable
    private let seed: (UInt64, UInt64)
    private var parked = ParkedMessages()
    /// Measurements of the message in hand that have been dealt with.
    private var pushed = 0
    /// Whether the frame of the message in hand has been pushed.
    private var hasPushedFrame = false
    /// Sensors of the message in hand that have been told of their edge node's messages.
    private var told = 0
    /// What each sensor's record has of its edge node's messages, of those that have spoken since the process began.
    private var nodeCounts: [SensorIndex: FrameCounts] = [:]
    /// The id that the pipeline was asked about, while it has not answered.
    private var asked: [UInt8] = []
    private var isAsking = false
    /// A quarantined message's bytes, put together here.
    private var scratch: [UInt8] = []
    private var staged = 0
    /// Whether something has come since ``takeStaged()`` whose acknowledgement waits for the commit.
    private var isOwed = false

    /// Refused ids that are remembered; a flood of made-up ids must not fill memory.
    private static let refusedLimit = 100_000

    package init(
        routes: RouteTable, inlet: consuming Inlet<StreamElement, Admission>,
        known: [(id: String, sensor: SensorIndex)], mountings: Mountings = Mountings()
    ) {
        decoder = MessageDecoder(routes: routes, longestPayload: QuarantineHeader.wholeUpTo, mountings: mountings)
        self.inlet = inlet
        // Ids are chosen by whoever may publish: a random key keeps them from choosing collisions.
        var random = SystemRandomNumberGenerator()
        seed = (random.next(), random.next())
        names = NameTable(seed: seed, capacity: max(1024, known.count * 2))
        refused = NameTable(seed: seed)
        for (id, sensor) in known { names.insert(Array(id.utf8).span, sensor) }
    }

    /// Reads by other routes from the next message on. Ids that were refused are asked about again: the registry may know
    /// them now, or the rules let them in.
    ///
    /// - Precondition: nothing is parked, so no message is half read.
    func change(routes: RouteTable, mountings: Mountings) {
        precondition(parked.isEmpty && pushed == 0, "routes changed in the middle of a message")
        let edgeNodes = decoder.sparkplug
        decoder = MessageDecoder(routes: routes, longestPayload: QuarantineHeader.wholeUpTo, mountings: mountings)
        decoder.sparkplug = edgeNodes
        decoder.sparkplug.routesChanged()
        refused = NameTable(seed: seed)
    }

    // MARK: - In

    package func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
        if delivery.isAcknowledged { isOwed = true }
        receive(topic: topic, payload: payload, isRetained: delivery.isRetained)
    }

    package func receive(topic: Span<UInt8>, payload: Span<UInt8>, isRetained: Bool) {
        guard !takeOwn(topic: topic, payload: payload, isRetained: isRetained) else { return }
        tally.messages += 1
        // The past, sent again at each subscription. MQTT 5 brokers are asked not to.
        if isRetained {
            tally.retained += 1
            return
        }
        if parked.isEmpty, push(topic: topic, payload: payload, arrivedAtMs: arrivedAtMs) {
            staged += 1
        } else {
            parked.append(topic: topic, payload: payload, arrivedAtMs: arrivedAtMs)
        }
    }

    /// Takes what is about the connection itself, and no device's.
    private func takeOwn(topic: Span<UInt8>, payload: Span<UInt8>, isRetained: Bool) -> Bool {
        if let own = canary?.topic, Self.isSame(topic, own) {
            canary?.received(payload)
            // It belongs to the batch, and so is committed with it.
            staged += 1
            return true
        }
        guard Self.isSame(topic, droppedTopic) else { return false }
        let text = String(decoding: [UInt8](copying: payload.extracting(first: 32)), as: UTF8.self)
        if let count = Int64(text) { brokerDropped = (count, isRetained) }
        return true
    }

    /// Byte by byte, after the lengths: nearly every topic is of another length, or differs soon.
    private static func isSame(_ topic: Span<UInt8>, _ other: [UInt8]) -> Bool {
        guard topic.count == other.count else { return false }
        for index in topic.indices where topic[index] != other[index] { return false }
        return true
    }

    /// Whether messages wait for room in the ring or for the pipeline's answer.
    package var hasParked: Bool { !parked.isEmpty }
    /// Whether the pipeline owes an answer.
    package var awaitsAdmission: Bool { isAsking }

    /// Tries again what is parked. What is pushed is shown to the pipeline by the next ``flush()``, or at once where something
    /// has to wait again.
    package func retry() {
        guard !parked.isEmpty, takeAnswer() else { return }
        while let entry = parked.first, push(entry, of: parked.bytes) {
            parked.removeFirst()
            staged += 1
            // How it came is not kept: it has waited already.
            isOwed = true
        }
        // Only what is published can be taken, and so make room.
        if !parked.isEmpty { inlet.flush() }
    }

    private func push(_ entry: ParkedMessages.Entry, of bytes: [UInt8]) -> Bool {
        push(
            topic: bytes.span.extracting(entry.topic), payload: bytes.span.extracting(entry.payload),
            arrivedAtMs: entry.arrivedAtMs)
    }

    /// Messages pushed since the last call, and whether one of those is acknowledged once it is committed.
    package func takeStaged() -> (count: Int, isOwed: Bool) {
        defer { (staged, isOwed) = (0, false) }
        return (staged, isOwed)
    }

    // MARK: - Out

    /// Pushes an element that no message is about, behind everything that was received. False when there is no room.
    package func push(_ element: StreamElement) -> Bool {
        guard parked.isEmpty, inlet.push(element) else { return false }
        inlet.flush()
        return true
    }

    /// Ends a batch. What is parked belongs to the next one.
    package func pushEnd(of sequence: UInt64) -> Bool {
        defer { inlet.flush() }
        return inlet.push(.batchEnd(sequence: sequence))
    }

    /// Shows the pipeline what has been pushed.
    package func flush() { inlet.flush() }

    package var committed: UInt64 { inlet.cursor.sequence }
    /// Since when something is held, for whoever measures.
    var heldSinceNs: Int64? {
        get { inlet.cursor.heldSinceNs }
        set { inlet.cursor.heldSinceNs = newValue }
    }
    var doorbell: Doorbell { inlet.cursor.doorbell }
    var ringFill: Double { Double(inlet.backlog) / Double(inlet.capacity) }

    // MARK: - One message

    /// Pushes everything that a message means, or returns false, to be called again with the same message.
    private func push(topic: Span<UInt8>, payload: Span<UInt8>, arrivedAtMs: Int64) -> Bool {
        do throws(DecodeError) {
            try decoder.decode(topic: topic, payload: payload, arrivedAtMs: arrivedAtMs)
        } catch {
            // What can't be read has come all the same: its frame is not lost.
            guard pushFrame(arrivedAtMs: arrivedAtMs),
                quarantine(error.reason, error.description, topic: topic, payload: payload, arrivedAtMs: arrivedAtMs)
            else { return false }
            hasPushedFrame = false
            settle(arrivedAtMs)
            return true
        }
        // The frame leads its readings: whether they come again is known by it. Only that of a new sensor waits until it has
        // its index.
        guard pushFrame(arrivedAtMs: arrivedAtMs),
            pushMeasurements(topic: topic, payload: payload, arrivedAtMs: arrivedAtMs),
            pushFrame(arrivedAtMs: arrivedAtMs), pushNodeFrames(arrivedAtMs: arrivedAtMs),
            pushFlaws(topic: topic, payload: payload, arrivedAtMs: arrivedAtMs)
        else { return false }
        (pushed, hasPushedFrame, told) = (0, false, 0)
        // Only now: a message that has to wait is decoded again.
        settle(arrivedAtMs)
        if decoder.message.isIgnored { tally.ignored += 1 }
        return true
    }

    /// Pushes what the message says of its radio frame, once. False when there is no room.
    @inline(__always)
    private func pushFrame(arrivedAtMs: Int64) -> Bool {
        let frame = decoder.message.frame
        guard frame.counter >= 0 || frame.isJoin, !hasPushedFrame else { return true }
        return push(frame, arrivedAtMs: arrivedAtMs)
    }

    private func push(_ frame: FrameInfo, arrivedAtMs: Int64) -> Bool {
        guard !decoder.message.sensors.isEmpty,
            let sensor = decoder.message.withID(of: 0, { names.index(of: $0) })
        else { return true }
        // A server's clock is believed; a device's may be ahead, but nothing was sent after it came.
        let atMs = frame.atMs == .min ? arrivedAtMs : frame.isDevices ? min(frame.atMs, arrivedAtMs) : frame.atMs
        if frame.isJoin {
            hasPushedFrame = inlet.push(.join(sensor, atMs: frame.atMs == .min ? nil : frame.atMs))
        } else {
            hasPushedFrame = inlet.push(
                .frame(
                    SensorFrame(
                        sensor: sensor, counter: UInt32(truncatingIfNeeded: frame.counter), session: frame.session,
                        atMs: atMs, arrivedAtMs: arrivedAtMs, rssiDBm: frame.rssiDBm, snrDB: frame.snrDB,
                        isDevices: frame.isDevices)))
        }
        return hasPushedFrame
    }

    /// Pushes the decoded message's measurements from ``pushed`` on, one sensor after the other.
    private func pushMeasurements(topic: Span<UInt8>, payload: Span<UInt8>, arrivedAtMs: Int64) -> Bool {
        let count = decoder.message.measurements.count
        while pushed < count {
            let mention = Int(decoder.message.measurements[pushed].sensor)
            if let sensor = decoder.message.withID(of: mention, { names.index(of: $0) }) {
                guard push(readingsOf: sensor, mention: mention, arrivedAtMs: arrivedAtMs) else { return false }
            } else if let code = decoder.message.withID(of: mention, { refused.index(of: $0) }) {
                guard refuse(mention, code, topic: topic, payload: payload, arrivedAtMs: arrivedAtMs) else {
                    return false
                }
            } else {
                introduce(mention, topic: topic, arrivedAtMs: arrivedAtMs)
                return false
            }
        }
        return true
    }

    /// Pushes what the message says of one sensor. False when there is no room.
    private func push(readingsOf sensor: SensorIndex, mention: Int, arrivedAtMs: Int64) -> Bool {
        let count = decoder.message.measurements.count
        while pushed < count {
            let measurement = decoder.message.measurements[pushed]
            if Int(measurement.sensor) != mention { return true }
            let reading = Reading(
                sensor: sensor, quantity: measurement.quantity, observedAtMs: measurement.observedAtMs,
                arrivedAtMs: arrivedAtMs, value: measurement.value, counter: measurement.counter,
                flags: Self.flags(of: measurement))
            guard inlet.push(.reading(reading)) else { return false }
            pushed += 1
            tally.readings += 1
        }
        return true
    }

    /// Quarantines the message for a sensor that the pipeline does not admit, and passes over what it says of that one.
    private func refuse(
        _ mention: Int, _ code: SensorIndex, topic: Span<UInt8>, payload: Span<UInt8>, arrivedAtMs: Int64
    ) -> Bool {
        let reason = QuarantineReason(rawValue: UInt8(truncatingIfNeeded: code.rawValue)) ?? .unknownSensor
        let detail = "sensor “\(decoder.message.name(of: mention))” is not admitted: \(reason.label)"
        guard quarantine(reason, detail, topic: topic, payload: payload, arrivedAtMs: arrivedAtMs) else { return false }
        let measurements = decoder.message.measurements
        while pushed < measurements.count, Int(measurements[pushed].sensor) == mention { pushed += 1 }
        return true
    }

    private static func flags(of measurement: DecodedMessage.Measurement) -> ReadingFlags {
        var flags: ReadingFlags = measurement.hasOwnTime ? [] : .arrivalTime
        if measurement.isHistory { flags.insert(.late) }
        return flags
    }

    // MARK: - Sparkplug

    /// Begins to follow edge nodes.
    func followSparkplug(_ settings: SparkplugSettings, known: [EdgeNodeID]) {
        decoder.sparkplug.settings = SparkplugHost.Settings(settings)
        decoder.sparkplug.expect(known)
    }

    /// Tells the sensors that a message speaks of how well their edge node is heard. False when there is no room.
    @inline(__always)
    private func pushNodeFrames(arrivedAtMs: Int64) -> Bool {
        !decoder.followsSparkplug || pushNodeFrames(of: decoder.nodeCounts(), arrivedAtMs: arrivedAtMs)
    }

    private func pushNodeFrames(of counts: FrameCounts?, arrivedAtMs: Int64) -> Bool {
        guard let counts else { return true }
        while told < decoder.message.sensors.count {
            if let sensor = decoder.message.withID(of: told, { names.index(of: $0) }) {
                let frames = NodeFrames(
                    sensor: sensor, arrivedAtMs: arrivedAtMs, counts: counts, before: nodeCounts[sensor])
                guard inlet.push(.nodeFrames(frames)) else { return false }
                nodeCounts[sensor] = counts
            }
            told += 1
        }
        return true
    }

    func sparkplugBegins(atMs: Int64) { decoder.sparkplug.connectionBegins(atMs: atMs) }

    func takeSparkplugNotices(atMs: Int64) -> [SparkplugHost.Notice] { decoder.sparkplug.takeNotices(atMs: atMs) }

    /// The index of a sensor that has one.
    func index(of id: String) -> SensorIndex? {
        let bytes = Array(id.utf8)
        return names.index(of: bytes.span)
    }

    private func settle(_ arrivedAtMs: Int64) {
        guard decoder.followsSparkplug else { return }
        decoder.settle(arrivedAtMs: arrivedAtMs)
        tally.add(decoder.sparkplug.takeTally())
    }

    // MARK: - New sensors

    /// Asks the pipeline for an index, unless the ring is full.
    private func introduce(_ mention: Int, topic: Span<UInt8>, arrivedAtMs: Int64) {
        let id = decoder.message.withID(of: mention) { [UInt8](copying: $0) }
        let route = decoder.route.map { Array(decoder.routes.routes[$0].name.utf8) } ?? []
        let names = id + [0] + decoder.message.gateway + [0] + route + [0] + [UInt8](copying: topic)
        let question = StreamElement.introduce(
            kind: decoder.message.sensors[mention].kind, byteCount: Int32(names.count), atMs: arrivedAtMs)
        guard !isAsking, inlet.push(question, bytes: names.span) else { return }
        inlet.flush()
        tally.introduced += 1
        asked = id
        isAsking = true
    }

    /// Takes the pipeline's answer. False while it owes one.
    private func takeAnswer() -> Bool {
        guard isAsking else { return true }
        guard let answer = inlet.reply() else { return false }
        isAsking = false
        let id = asked
        switch answer {
        case .admitted(let sensor):
            names.insert(id.span, sensor)
        case .refused(let reason):
            if refused.count >= Self.refusedLimit { refused = NameTable(seed: seed) }
            refused.insert(id.span, SensorIndex(rawValue: UInt32(reason.rawValue)))
        }
        return true
    }

    // MARK: - Quarantine

    /// Quarantines a message of which a part could not be read, beside its readings. False when there is no room.
    @inline(__always)
    private func pushFlaws(topic: Span<UInt8>, payload: Span<UInt8>, arrivedAtMs: Int64) -> Bool {
        guard let flaw = decoder.message.flaws.first, let sentence = decoder.message.flawSentence else { return true }
        return quarantine(flaw.reason, sentence, topic: topic, payload: payload, arrivedAtMs: arrivedAtMs)
    }

    private func quarantine(
        _ reason: QuarantineReason, _ detail: String, topic: Span<UInt8>, payload: Span<UInt8>, arrivedAtMs: Int64
    ) -> Bool {
        let isWhole = payload.count <= QuarantineHeader.wholeUpTo
        let kept = isWhole ? payload.count : QuarantineHeader.keptOfLonger
        let sentence = detail.utf8.prefix(1024)
        scratch.removeAll(keepingCapacity: true)
        scratch.append(copying: topic)
        scratch.append(contentsOf: sentence)
        scratch.append(copying: payload.extracting(first: kept))
        if !isWhole { appendHash(of: payload) }
        let header = QuarantineHeader(
            reason: reason, arrivedAtMs: arrivedAtMs, topicBytes: UInt16(topic.count),
            detailBytes: UInt16(sentence.count), keptBytes: UInt32(kept), payloadBytes: UInt32(payload.count))
        guard inlet.push(.quarantine(header), bytes: scratch.span) else { return false }
        tally.quarantined[Int(reason.rawValue)] += 1
        tally.hasQuarantined = true
        return true
    }

    private func appendHash(of payload: Span<UInt8>) {
        var hash = SHA256()
        unsafe payload.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
        scratch.append(contentsOf: hash.finalize())
    }
}
