extension MessageDecoder {
    /// Decodes a ChirpStack v4 event as protobuf (`integration.proto`): what ``PayloadFormat/chirpStack`` reads as JSON.
    mutating func decodeChirpStackProtobuf(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        let kind = ChirpStackEvent.Kind(topic)
        var event = ChirpStackEvent()
        try event.read(payload, kind: kind)
        var moment = try eventSensor(event, payload, plan: plan, topic: topic, arrival: arrival)
        // Before all that may be wrong with the message: its frame came, whatever it says.
        message.frame.atMs = event.atMs ?? .min
        if kind == .up { message.frame.counter = Int64(event.counter) }
        if let atMs = event.atMs {
            let found = "\(atMs / 1000)"
            moment.atMs = try Self.inRange(atMs, field: Excerpt("time"), found: Excerpt(Array(found.utf8)))
            moment.hasOwnTime = true
        }
        (message.frame.rssiDBm, message.frame.snrDB) = (event.rssi, event.snr)
        if let gateway = event.gateway { message.setGateway(payload.extracting(gateway)) }
        switch kind {
        case .join: message.frame.isJoin = true
        case .log: message.frame.isJoin = event.logCode == ChirpStackEvent.counterReset
        case .status:
            if let charge = event.charge, !event.isChargeUnknown, !event.isAtMains {
                let value = try Self.charge.value(
                    Double(charge), mounting: nil, found: Excerpt(Array("\(charge)".utf8)))
                append(value, of: Self.charge, at: moment)
            }
        case .other: break
        case .up:
            moment.counter = Self.readingCounter(message.frame.counter)
            guard let object = event.object else {
                throw DecodeError(.missingField, "object", .decodedBody, found: Excerpt("nothing"))
            }
            scratch.removeAll(keepingCapacity: true)
            for index in plan.isTaken.indices { plan.isTaken[index] = false }
            try takeStruct(object, payload, plan: plan, at: moment, depth: 0)
            if message.measurements.isEmpty { throw message.flaws.first ?? Self.nothingFound(plan.fields) }
            return
        }
        message.isIgnored = message.measurements.isEmpty
    }

    private mutating func eventSensor(
        _ event: ChirpStackEvent, _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>,
        arrival: Arrival
    ) throws(DecodeError) -> Moment {
        if let moment = try openTopicSensor(plan, topic: topic, arrival: arrival) { return moment }
        if let tag = plan.tag {
            guard let id = try event.tag(named: tag.span, payload) else {
                let field = Excerpt(Array((plan.route.sensorField ?? "").utf8))
                throw DecodeError(.missingField, field: field, .present, found: Excerpt())
            }
            return try openSensor(payload.extracting(id), plan, field: "deviceInfo.tags", arrival: arrival)
        }
        let isName = plan.route.sensorField == "deviceInfo.deviceName"
        guard let id = isName ? event.deviceName : event.devEUI else {
            throw DecodeError(.missingField, isName ? "deviceInfo.deviceName" : "deviceInfo.devEui", .present)
        }
        return try openSensor(payload.extracting(id), plan, field: "deviceInfo", arrival: arrival)
    }

    /// A `google.protobuf.Struct`: what the device's codec decoded. The path so far stands in the plan's scratch.
    private mutating func takeStruct(
        _ range: Range<Int>, _ payload: borrowing Span<UInt8>, plan: RoutePlan, at moment: Moment, depth: Int
    ) throws(DecodeError) {
        var fields = ProtobufReader(range)
        guard depth < 16 else { throw fields.malformed("objects nested less deeply", payload) }
        while let field = try fields.next(of: payload) {
            guard field.number == 1, case .bytes(let entry) = field.value else { continue }
            var parts = ProtobufReader(entry)
            var (key, value): (Range<Int>?, Range<Int>?) = (nil, nil)
            while let part = try parts.next(of: payload) {
                guard case .bytes(let range) = part.value else { continue }
                if part.number == 1 { key = range } else if part.number == 2 { value = range }
            }
            guard let key, let value else { continue }
            let length = scratch.count
            if length > 0 { scratch.append(UInt8(ascii: ".")) }
            for index in key {
                // As configuration writes a dot within a name.
                if payload[index] == UInt8(ascii: ".") { scratch.append(UInt8(ascii: "\\")) }
                scratch.append(payload[index])
            }
            try takeValue(value, payload, plan: plan, at: moment, depth: depth)
            scratch.removeLast(scratch.count - length)
        }
    }

    /// A `google.protobuf.Value` whose path stands in the plan's scratch.
    private mutating func takeValue(
        _ range: Range<Int>, _ payload: borrowing Span<UInt8>, plan: RoutePlan, at moment: Moment, depth: Int
    ) throws(DecodeError) {
        var parts = ProtobufReader(range)
        let wanted = plan.fields.firstIndex { $0.path == scratch }
        while let part = try parts.next(of: payload) {
            switch (part.number, part.value) {
            case (5, .bytes(let object)): try takeStruct(object, payload, plan: plan, at: moment, depth: depth + 1)
            case (6, .bytes(let list)): try takeList(list, payload, plan: plan, at: moment, depth: depth)
            default:
                guard let wanted else { continue }
                let field = plan.fields[wanted]
                if plan.isTaken[wanted] { throw field.error(.duplicateField, .onlyOnce, Excerpt()) }
                plan.isTaken[wanted] = true
                do throws(DecodeError) {
                    if let value = try scalar(part, payload, of: field, mounting: moment.mounting) {
                        append(value, of: field, at: moment)
                    }
                } catch {
                    message.passOver(error)
                }
            }
        }
    }

    /// A number, text or truth; nil for a part that is none of a value's.
    private func scalar(
        _ part: ProtobufReader.Field, _ payload: borrowing Span<UInt8>, of field: FieldPlan, mounting: Mounting?
    ) throws(DecodeError) -> Double? {
        switch (part.number, part.value) {
        case (1, .varint): throw field.error(.wrongType, .number, Excerpt("null"))
        case (2, .fixed64(let bits)):
            let number = Double(bitPattern: bits)
            return try field.value(number, mounting: mounting, found: Excerpt(Array("\(number)".utf8)))
        case (3, .bytes(let text)): return try field.value(text: payload.extracting(text), mounting: mounting)
        case (4, .varint(let truth)): return try field.value(truth != 0)
        default: return nil
        }
    }

    /// A list: one of the route's series, if its path is.
    private mutating func takeList(
        _ range: Range<Int>, _ payload: borrowing Span<UInt8>, plan: RoutePlan, at moment: Moment, depth: Int
    ) throws(DecodeError) {
        guard let series = plan.series.first(where: { $0.path == scratch }) else { return }
        var elements = ProtobufReader(range)
        while let element = try elements.next(of: payload) {
            guard element.number == 1, case .bytes(let value) = element.value else { continue }
            var parts = ProtobufReader(value)
            while let part = try parts.next(of: payload) {
                guard part.number == 5, case .bytes(let object) = part.value else { continue }
                try takeElement(object, payload, of: series, at: moment)
            }
        }
    }

    /// An element of a series: a flat object with a time.
    private mutating func takeElement(
        _ range: Range<Int>, _ payload: borrowing Span<UInt8>, of series: SeriesPlan, at outer: Moment
    ) throws(DecodeError) {
        let first = message.measurements.count
        var atMs: Int64?
        var fields = ProtobufReader(range)
        while let field = try fields.next(of: payload) {
            guard field.number == 1, case .bytes(let entry) = field.value else { continue }
            var parts = ProtobufReader(entry)
            var (key, value): (Range<Int>?, Range<Int>?) = (nil, nil)
            while let part = try parts.next(of: payload) {
                guard case .bytes(let range) = part.value else { continue }
                if part.number == 1 { key = range } else if part.number == 2 { value = range }
            }
            guard let key, let value else { continue }
            var inner = ProtobufReader(value)
            guard let part = try inner.next(of: payload) else { continue }
            if FieldPlan.isName(series.timePath, at: key, of: payload) {
                atMs = try elementTime(part, payload, of: series)
            } else {
                for wanted in series.fields where FieldPlan.isName(wanted.path, at: key, of: payload) {
                    if let number = try scalar(part, payload, of: wanted, mounting: outer.mounting) {
                        append(number, of: wanted, at: outer)
                    }
                    break
                }
            }
        }
        guard let atMs else {
            throw DecodeError(.missingField, field: Excerpt(series.timePath), .present, found: Excerpt())
        }
        for index in first..<message.measurements.count {
            message.measurements[index].observedAtMs += atMs - outer.atMs
            message.measurements[index].hasOwnTime = true
        }
    }

    private func elementTime(
        _ part: ProtobufReader.Field, _ payload: borrowing Span<UInt8>, of series: SeriesPlan
    ) throws(DecodeError) -> Int64? {
        switch (part.number, part.value) {
        case (2, .fixed64(let bits)):
            let number = Double(bitPattern: bits)
            let read = number.isFinite ? series.timeUnit.milliseconds(number) : nil
            return try Self.inRange(read, field: Excerpt(series.timePath), found: Excerpt(Array("\(number)".utf8)))
        case (3, .bytes(let range)):
            let text = payload.extracting(range)
            let read = Self.time(text: text, unit: series.timeUnit)
            let excerpt = Excerpt(quoting: text)
            return try Self.inRange(read, field: Excerpt(series.timePath), found: excerpt)
        default: throw DecodeError(.wrongType, field: Excerpt(series.timePath), .timestamp, found: Excerpt())
        }
    }
}

/// What is wanted of a ChirpStack event, by `integration.proto`'s field numbers.
struct ChirpStackEvent {
    enum Kind {
        case up, join, status, log, other

        /// By the last level of the topic: each kind of event has its own.
        init(_ topic: borrowing Span<UInt8>) {
            if topic.hasLastLevel("join") {
                self = .join
            } else if topic.hasLastLevel("status") {
                self = .status
            } else if topic.hasLastLevel("log") {
                self = .log
            } else if topic.hasLastLevel("ack") || topic.hasLastLevel("txack") || topic.hasLastLevel("location")
                || topic.hasLastLevel("integration")
            {
                self = .other
            } else {
                self = .up
            }
        }
    }

    /// LogCode.UPLINK_F_CNT_RESET.
    static let counterReset: UInt64 = 5

    var atMs: Int64?
    var device, devEUI, deviceName, object, gateway: Range<Int>?
    var counter: UInt32 = 0
    var rssi = Float.nan
    var snr = Float.nan
    var logCode: UInt64 = 0
    var charge: Float?
    var isChargeUnknown = false
    var isAtMains = false

    mutating func read(_ payload: borrowing Span<UInt8>, kind: Kind) throws(DecodeError) {
        var fields = ProtobufReader(0..<payload.count)
        // A log entry has no deduplication id: its numbers are one less.
        let shift: UInt64 = kind == .log ? 1 : 0
        var hasSignal = false
        while let field = try fields.next(of: payload) {
            switch (field.number + shift, field.value) {
            case (2, .bytes(let range)): atMs = try Self.timestamp(range, payload)
            case (3, .bytes(let range)): try readDevice(range, payload)
            case (5, .varint(let code)) where kind == .log: logCode = code
            case (6, .varint(let truth)) where kind == .status: isAtMains = truth != 0
            case (7, .varint(let truth)) where kind == .status: isChargeUnknown = truth != 0
            case (8, .fixed32(let bits)) where kind == .status: charge = Float(bitPattern: bits)
            case (7, .varint(let count)) where kind == .up: counter = UInt32(truncatingIfNeeded: count)
            case (11, .bytes(let range)) where kind == .up: object = range
            case (12, .bytes(let range)) where kind == .up && !hasSignal:
                hasSignal = true
                try readSignal(range, payload)
            default: continue
            }
        }
    }

    private mutating func readDevice(_ range: Range<Int>, _ payload: borrowing Span<UInt8>) throws(DecodeError) {
        device = range
        var fields = ProtobufReader(range)
        while let field = try fields.next(of: payload) {
            guard case .bytes(let text) = field.value else { continue }
            if field.number == 7 { deviceName = text } else if field.number == 8 { devEUI = text }
        }
    }

    /// What a tag of the device says, or of its profile; nil where it has none of that name. The last of several counts, as
    /// in every protobuf map.
    func tag(named name: borrowing Span<UInt8>, _ payload: borrowing Span<UInt8>) throws(DecodeError) -> Range<Int>? {
        guard let device else { return nil }
        var found: Range<Int>?
        var fields = ProtobufReader(device)
        while let field = try fields.next(of: payload) {
            guard field.number == 9, case .bytes(let entry) = field.value else { continue }
            var parts = ProtobufReader(entry)
            var (key, value): (Range<Int>?, Range<Int>?) = (nil, nil)
            while let part = try parts.next(of: payload) {
                guard case .bytes(let text) = part.value else { continue }
                if part.number == 1 { key = text } else if part.number == 2 { value = text }
            }
            if let key, let value, payload.extracting(key).hasSameBytes(as: name) { found = value }
        }
        return found
    }

    private mutating func readSignal(_ range: Range<Int>, _ payload: borrowing Span<UInt8>) throws(DecodeError) {
        var fields = ProtobufReader(range)
        while let field = try fields.next(of: payload) {
            switch (field.number, field.value) {
            case (1, .bytes(let text)): gateway = text
            case (6, .varint(let number)): rssi = Float(Int32(truncatingIfNeeded: number))
            case (7, .fixed32(let bits)): snr = Float(bitPattern: bits)
            default: continue
            }
        }
    }

    /// A `google.protobuf.Timestamp` in milliseconds; nil if it is beyond any time.
    private static func timestamp(_ range: Range<Int>, _ payload: borrowing Span<UInt8>) throws(DecodeError) -> Int64? {
        var (seconds, nanoseconds): (Int64, Int64) = (0, 0)
        var fields = ProtobufReader(range)
        while let field = try fields.next(of: payload) {
            guard case .varint(let number) = field.value else { continue }
            if field.number == 1 { seconds = Int64(bitPattern: number) }
            if field.number == 2 { nanoseconds = Int64(Int32(truncatingIfNeeded: number)) }
        }
        guard seconds.magnitude < 1 << 40 else { return 0 }
        return seconds * 1000 + nanoseconds / 1_000_000
    }
}
