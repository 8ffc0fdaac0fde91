import CSIMDJSON

extension MessageDecoder {
    /// Takes a part of an interval: the sums of this message's lanes, at the interval's end. What else the message measured is
    /// of that moment too.
    ///
    /// A part carries its place as milliseconds behind the interval's end, and how many there are as its counter.
    mutating func take(
        _ parts: RouteParts, _ slots: PartSlots, _ plan: RoutePlan, _ json: JSONPlan, at moment: inout Moment
    ) throws(DecodeError) {
        let port = json.parser.value(slots.port)
        guard port.kind == CSJ_INTEGER, let place = parts.ports.firstIndex(of: Int(port.integer)) else {
            // Other ports tell other things: settings, the device's own state.
            guard port.kind == CSJ_INTEGER || port.kind == CSJ_MISSING else {
                throw DecodeError(.wrongType, field: json.name(slots.port), .number, found: port.excerpt)
            }
            return
        }
        let endMs = try intervalEnd(json, slots, near: moment.atMs)
        let periodS = plan.route.intervalS ?? 0
        precondition(periodS > 0, "routes are checked before they are used")
        let perHour = 3600 / Double(periodS)
        var (vehicles, movement, hasAny) = (0.0, 0.0, false)
        for lane in slots.lanes {
            let count = json.parser.value(lane.count)
            if count.kind == CSJ_MISSING { continue }
            hasAny = true
            let number = try Self.partNumber(count, json.name(lane.count))
            vehicles += number
            // Without vehicles there is no mean, whatever stands there.
            guard number > 0 else { continue }
            movement += number * (try Self.partNumber(json.parser.value(lane.speed), json.name(lane.speed)))
        }
        guard hasAny else {
            throw DecodeError(.missingField, field: json.name(slots.lanes[0].count), .present, found: Excerpt())
        }
        (moment.atMs, moment.hasOwnTime) = (endMs, true)
        var part = moment
        part.atMs += Int64(place)
        part.counter = Int32(parts.ports.count)
        // The flow last: with it the part is told.
        append(movement * perHour, of: Self.speedPart, at: part)
        append(vehicles * perHour, of: Self.flowPart, at: part)
    }

    private func intervalEnd(_ json: JSONPlan, _ slots: PartSlots, near atMs: Int64) throws(DecodeError) -> Int64 {
        let value = json.parser.value(slots.time)
        var digits: Int64?
        switch value.kind {
        case CSJ_INTEGER: digits = value.integer
        case CSJ_STRING: digits = value.withText { DecimalText.integer($0) }
        case CSJ_MISSING:
            throw DecodeError(.missingField, field: json.name(slots.time), .present, found: Excerpt())
        default: break
        }
        guard let digits, (0..<2400).contains(digits), digits % 100 < 60 else {
            throw DecodeError(.badTimestamp, field: json.name(slots.time), .timeOfDay, found: value.excerpt)
        }
        return RouteParts.moment(hours: Int(digits) / 100, minutes: Int(digits) % 100, near: atMs)
    }

    private static func partNumber(_ value: JSONValue, _ name: Excerpt) throws(DecodeError) -> Double {
        switch value.kind {
        case CSJ_INTEGER, CSJ_DOUBLE: break
        case CSJ_HUGE: throw DecodeError(.notFinite, field: name, .finite, found: value.excerpt)
        case CSJ_MISSING: throw DecodeError(.missingField, field: name, .present, found: Excerpt())
        default: throw DecodeError(.wrongType, field: name, .number, found: value.excerpt)
        }
        guard (0...1e6).contains(value.number) else {
            throw DecodeError(.outOfRange, field: name, .plausibleCount, found: value.excerpt)
        }
        return value.number
    }

    private static let flowPart = FieldPlan(RouteField("count", .vehicleFlowPart), intervalS: nil)
    private static let speedPart = FieldPlan(RouteField("speed", .speedPart), intervalS: nil)
}

/// Where a JSON payload's parts stand.
struct PartSlots {
    let port, time: Int
    let lanes: [(count: Int, speed: Int)]

    init(_ parts: RouteParts, port: String, inBody: (String) -> String, _ slots: inout JSONSlots) {
        self.port = slots.add(parts.port.isEmpty ? port : inBody(parts.port))
        time = slots.add(inBody(parts.time))
        var found: [(count: Int, speed: Int)] = []
        for lane in parts.lanes { found.append((slots.add(inBody(lane.count)), slots.add(inBody(lane.speed)))) }
        lanes = found
    }
}
