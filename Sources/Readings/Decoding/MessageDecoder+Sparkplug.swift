extension MessageDecoder {
    /// Decodes a Sparkplug B message of an edge node.
    ///
    /// Births and data give readings; what the message does to the host's knowledge of the node takes effect with
    /// ``settle(arrivedAtMs:)``, also when a value in it could not be read: its number has been used all the same. Messages
    /// that no route reads are followed too, because numbers run across all of a node's devices.
    mutating func decodeSparkplug(
        _ payload: borrowing Span<UInt8>, topic: borrowing Span<UInt8>, arrivedAtMs: Int64
    ) throws(DecodeError) {
        guard let parts = SparkplugTopic(topic) else {
            guard topic.hasSecondLevel("STATE") else {
                throw DecodeError(.malformed, "topic", .sparkplugTopic, found: Excerpt(quoting: topic))
            }
            message.isIgnored = true
            return
        }
        let head = try SparkplugPayload(payload)
        if head.isCompressed {
            throw DecodeError(.malformed, "payload", .format, found: Excerpt("a compressed body"))
        }
        name.assign(topic.extracting(parts.group))
        name.append(UInt8(ascii: "/"))
        name.append(topic.extracting(parts.node))
        let place = name.withBytes { sparkplug.place($0) }
        let sequence = head.sequence.map { UInt8(truncatingIfNeeded: $0) }
        switch parts.kind {
        case .command: message.isIgnored = true
        case .nodeDeath: try takeNodeDeath(payload, place)
        case .deviceDeath: takeDeviceDeath(topic.extracting(parts.device), place, sequence)
        case .nodeBirth, .deviceBirth:
            try takeBirth(payload, topic, parts, place, head, atMs: arrivedAtMs)
        case .nodeData, .deviceData:
            guard let place, let device = device(topic.extracting(parts.device), of: place) else {
                effect = .early(EdgeNodeID(topic, parts))
                throw Self.early(topic, parts)
            }
            effect = .data(node: place, sequence: sequence)
            try takeReadings(payload, topic, parts, head, node: place, device: device, atMs: arrivedAtMs)
        }
    }

    /// Puts into effect what the last message said of its edge node. To be called once its readings, or its quarantine,
    /// are on their way; a message that is decoded again before that changes nothing.
    public mutating func settle(arrivedAtMs: Int64) {
        sparkplug.settle(effect, atMs: arrivedAtMs)
        effect = .none
    }

    /// What the last message's edge node has counted by then, that message included; nil where it counts nothing. Mutating
    /// for the same reason as what stands below.
    public mutating func nodeCounts() -> FrameCounts? { sparkplug.counts(after: effect) }

    /// A living device's place; the node's own for no name. Mutating as `flatValue` is: a copy of the decoder is dear.
    private mutating func device(_ name: borrowing Span<UInt8>, of node: Int) -> Int? {
        guard sparkplug.nodes[node].isOnline, let place = sparkplug.nodes[node].device(name),
            sparkplug.nodes[node].devices[place].isOnline
        else { return nil }
        return place
    }

    private static func early(_ topic: borrowing Span<UInt8>, _ parts: SparkplugTopic) -> DecodeError {
        let name = parts.device.isEmpty ? parts.node : parts.device
        return DecodeError(.beforeBirth, "topic", .birthBefore, found: Excerpt(quoting: topic.extracting(name)))
    }

    // MARK: - Deaths

    private mutating func takeNodeDeath(_ payload: borrowing Span<UInt8>, _ place: Int?) throws(DecodeError) {
        message.isIgnored = true
        let session = try Self.session(payload)
        guard let place, sparkplug.nodes[place].isOnline else { return }
        // A death of an earlier connection, which the broker found out about late, is not this one's.
        let own = sparkplug.nodes[place].session
        if own == nil || session == nil || own == session { effect = .nodeDeath(node: place) }
    }

    private mutating func takeDeviceDeath(_ name: borrowing Span<UInt8>, _ place: Int?, _ sequence: UInt8?) {
        message.isIgnored = true
        guard let place, sparkplug.nodes[place].isOnline else { return }
        if let device = device(name, of: place) {
            effect = .deviceDeath(node: place, device: device, sequence: sequence)
        } else {
            effect = .data(node: place, sequence: sequence)
        }
    }

    /// The metric `bdSeq`, which joins births and deaths of one session.
    private static func session(_ payload: borrowing Span<UInt8>) throws(DecodeError) -> UInt64? {
        var fields = ProtobufReader(0..<payload.count)
        while let field = try fields.next(of: payload) {
            guard field.number == 2, case .bytes(let range) = field.value else { continue }
            let metric = try SparkplugMetric(range, payload)
            guard let name = metric.name, payload.extracting(name).isASCII("bdSeq") else { continue }
            switch metric.value {
            case .int(let number): return UInt64(number)
            case .long(let number): return number
            default: return nil
            }
        }
        return nil
    }

    // MARK: - Births

    private mutating func takeBirth(
        _ payload: borrowing Span<UInt8>, _ topic: borrowing Span<UInt8>, _ parts: SparkplugTopic, _ place: Int?,
        _ head: SparkplugPayload, atMs: Int64
    ) throws(DecodeError) {
        let sequence = head.sequence.map { UInt8(truncatingIfNeeded: $0) }
        let isNode = parts.kind == .nodeBirth
        let id = EdgeNodeID(topic, parts)
        // A device without a node is none.
        if !isNode, place.map({ !sparkplug.nodes[$0].isOnline }) ?? true {
            effect = .early(id)
            throw Self.early(topic, parts)
        }
        var registration = SparkplugHost.Registration(device: [UInt8](copying: topic.extracting(parts.device)))
        let plan = try sparkplugPlan(topic, parts, atMs: atMs)
        var fields = ProtobufReader(0..<payload.count)
        while let field = try fields.next(of: payload) {
            guard field.number == 2, case .bytes(let range) = field.value else { continue }
            try register(try SparkplugMetric(range, payload), payload, plan, in: &registration)
        }
        if isNode {
            effect = .nodeBirth(id, session: try Self.session(payload), sequence: sequence ?? 0, registration)
        } else if let place {
            effect = .deviceBirth(node: place, sequence: sequence, registration)
        }
        try takeReadings(payload, topic, parts, head, node: nil, device: 0, atMs: atMs)
    }

    private mutating func register(
        _ metric: SparkplugMetric, _ payload: borrowing Span<UInt8>, _ plan: SparkplugPlan?,
        in registration: inout SparkplugHost.Registration
    ) throws(DecodeError) {
        guard let name = metric.name else { return }
        let bytes = [UInt8](copying: payload.extracting(name))
        let datatype = metric.datatype ?? 0
        if let alias = metric.alias {
            guard registration.aliases.count < EdgeNode.mostAliases else {
                throw DecodeError(.outOfRange, "payload", .fewMetrics, found: Excerpt("more"))
            }
            registration.aliases.append((alias, bytes, datatype))
        } else {
            registration.datatypes[bytes] = datatype
        }
        guard let plan, let field = plan.plan.field(bytes.span) else { return }
        putID(plan.plan.fields[field])
        let sensor = String(decoding: id, as: UTF8.self)
        if !registration.sensors.contains(sensor) { registration.sensors.append(sensor) }
    }

    // MARK: - Readings

    /// The first route of this format that matches the topic; nil where none does. Its sensor's id, before what a field adds,
    /// then stands in ``name``.
    private mutating func sparkplugPlan(
        _ topic: borrowing Span<UInt8>, _ parts: SparkplugTopic, atMs: Int64
    ) throws(DecodeError) -> SparkplugPlan? {
        var captures = TopicCaptures()
        for index in heads.indices where heads[index].isSparkplug {
            guard heads[index].topic.matches(topic, captures: &captures), let plan = plans[index] else { continue }
            route = index
            let arrival = Arrival(
                kind: try kind(route: index, topic: topic, captures: captures), captures: captures, atMs: atMs)
            if let template = plan.template {
                template.fill(&scratch, topic: topic, captures: captures)
                name.assign(scratch)
            } else if let capture = heads[index].sensorCapture {
                name.assign(topic.extracting(captures[capture]))
            } else {
                name.assign(topic.extracting(parts.group))
                name.append(UInt8(ascii: "/"))
                name.append(topic.extracting(parts.node))
                if !parts.device.isEmpty {
                    name.append(UInt8(ascii: "/"))
                    name.append(topic.extracting(parts.device))
                }
            }
            return SparkplugPlan(plan: plan, arrival: arrival)
        }
        return nil
    }

    /// Puts the id of a field's sensor together.
    private mutating func putID(_ field: FieldPlan) {
        let name = name
        name.withBytes { id.assign($0) }
        if field.part.isEmpty { return }
        id.append(UInt8(ascii: "/"))
        id.append(contentsOf: field.part)
    }

    /// - Parameter node: whose births say what aliases stand for; nil for a birth itself.
    private mutating func takeReadings(
        _ payload: borrowing Span<UInt8>, _ topic: borrowing Span<UInt8>, _ parts: SparkplugTopic,
        _ head: SparkplugPayload, node: Int?, device: Int, atMs: Int64
    ) throws(DecodeError) {
        guard var plan = try sparkplugPlan(topic, parts, atMs: atMs) else {
            message.isIgnored = true
            return
        }
        message.setGateway(
            group: topic.extracting(parts.group), node: topic.extracting(parts.node))
        var fields = ProtobufReader(0..<payload.count)
        while let tag = try fields.tag(of: payload) {
            guard tag == .bytes(2) else {
                try fields.skip(tag, of: payload)
                continue
            }
            let metric = try SparkplugMetric(try fields.content(of: payload), payload)
            try take(metric, payload, &plan, head, node: node, device: device)
        }
        if message.measurements.isEmpty, let flaw = message.flaws.first { throw flaw }
        // A node tells what has changed: often nothing that a route reads.
        message.isIgnored = message.measurements.isEmpty
    }

    private mutating func take(
        _ metric: SparkplugMetric, _ payload: borrowing Span<UInt8>, _ plan: inout SparkplugPlan,
        _ head: SparkplugPayload, node: Int?, device: Int
    ) throws(DecodeError) {
        var datatype = metric.datatype
        let field: Int?
        if let name = metric.name {
            field = plan.plan.field(payload.extracting(name))
            if field != nil, datatype == nil, let node {
                datatype = sparkplug.nodes[node].devices[device].datatypes[[UInt8](copying: payload.extracting(name))]
            }
        } else if let alias = metric.alias, let node {
            guard let known = sparkplug.nodes[node].aliases.place(of: alias),
                sparkplug.nodes[node].aliases[known].device == device
            else {
                effect = .early(sparkplug.nodes[node].id)
                throw DecodeError(.beforeBirth, "alias", .knownAlias, found: Excerpt(Array("\(alias)".utf8)))
            }
            field = plan.plan.field(sparkplug.nodes[node].aliases[known].name.span)
            datatype = datatype ?? sparkplug.nodes[node].aliases[known].datatype
        } else {
            return
        }
        guard let field, !metric.isNull, !metric.isBad else { return }
        let wanted = plan.plan.cores[field]
        var moment: Moment
        if wanted.isWhole, let opened = plan.opened {
            moment = opened
        } else {
            putID(plan.plan.fields[field])
            moment = try openSensor(plan.plan, field: "topic", arrival: plan.arrival)
            if wanted.isWhole { plan.opened = moment }
        }
        if let ms = metric.timestampMs ?? head.timestampMs {
            moment.atMs = try Self.inRange(
                Int64(exactly: ms), field: Excerpt("timestamp"), found: Excerpt(Array("\(ms)".utf8)))
            moment.hasOwnTime = true
        }
        moment.isHistory = metric.isHistorical
        let known = datatype.flatMap { SparkplugMetric.Datatype(rawValue: $0) }
        if let number = SparkplugMetric.number(metric.value, as: known), let value = wanted.value(number) {
            return append(value, of: wanted, at: moment)
        }
        do throws(DecodeError) {
            let value = try Self.value(
                metric.value, as: known, payload, of: plan.plan.fields[field], mounting: moment.mounting)
            append(value, of: wanted, at: moment)
        } catch {
            message.passOver(error)
        }
    }

    private static func value(
        _ value: SparkplugMetric.Value, as datatype: SparkplugMetric.Datatype?, _ payload: borrowing Span<UInt8>,
        of field: FieldPlan, mounting: Mounting?
    ) throws(DecodeError) -> Double {
        switch value {
        case .boolean(let truth): return try field.value(truth)
        case .string(let text): return try field.value(text: payload.extracting(text), mounting: mounting)
        case .none, .other: throw field.error(.wrongType, .number, Excerpt("no single value"))
        case .int, .long, .float, .double:
            guard let number = SparkplugMetric.number(value, as: datatype) else {
                throw field.error(.wrongType, .number, Excerpt())
            }
            return try field.value(number, mounting: mounting, found: Excerpt(Array("\(number)".utf8)))
        }
    }
}

/// A route on a topic, as a Sparkplug message is read by it.
struct SparkplugPlan {
    let plan: RoutePlan
    let arrival: MessageDecoder.Arrival
    /// The sensor of the fields that add nothing to its id, once one has been met.
    var opened: Moment?
}

extension EdgeNodeID {
    /// The node that a topic names.
    fileprivate init(_ topic: borrowing Span<UInt8>, _ parts: SparkplugTopic) {
        self.init(
            group: String(copying: topic.extracting(parts.group)), node: String(copying: topic.extracting(parts.node)))
    }
}

extension Span<UInt8> {
    /// Whether the level behind the first slash is this one.
    func hasSecondLevel(_ level: StaticString) -> Bool {
        guard let slash = indices.first(where: { self[$0] == UInt8(ascii: "/") }) else { return false }
        let rest = extracting(slash + 1..<count)
        let length = level.utf8CodeUnitCount
        guard rest.count >= length, rest.count == length || rest[length] == UInt8(ascii: "/") else { return false }
        return rest.extracting(first: length).isASCII(level)
    }
}
