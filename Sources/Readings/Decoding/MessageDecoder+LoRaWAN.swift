import CSIMDJSON

extension MessageDecoder {
    /// Whether the message is another of the LoRaWAN server's than an uplink; then what it says has been taken.
    mutating func isWithoutBody(
        _ plan: RoutePlan, _ json: JSONPlan, topic: borrowing Span<UInt8>, moment: Moment
    ) throws(DecodeError) -> Bool {
        switch plan.route.format {
        case .theThingsStack: return isOtherThanUplink(json, topic: topic)
        case .chirpStack: return try isOtherEvent(json, topic: topic, moment: moment)
        default: return false
        }
    }

    /// The Things Stack publishes uplinks under `…/up` and other things under `…/join`, `…/down/sent` and so on.
    private mutating func isOtherThanUplink(_ json: JSONPlan, topic: borrowing Span<UInt8>) -> Bool {
        if let slot = json.join, json.parser.value(slot).kind != CSJ_MISSING {
            (message.frame.isJoin, message.isIgnored) = (true, true)
            return true
        }
        guard let slot = json.body, json.parser.value(slot).kind == CSJ_MISSING else { return false }
        message.isIgnored = !topic.hasLastLevel("up")
        return message.isIgnored
    }

    /// ChirpStack publishes each kind of event under its own last level.
    private mutating func isOtherEvent(
        _ json: JSONPlan, topic: borrowing Span<UInt8>, moment: Moment
    ) throws(DecodeError) -> Bool {
        if topic.hasLastLevel("status") {
            try takeCharge(json, moment: moment)
        } else if topic.hasLastLevel("join") {
            message.frame.isJoin = true
        } else if topic.hasLastLevel("log") {
            message.frame.isJoin = saysReset(json)
        } else if !topic.hasLastLevel("ack"), !topic.hasLastLevel("txack"), !topic.hasLastLevel("location"),
            !topic.hasLastLevel("integration")
        {
            return false
        }
        message.isIgnored = message.measurements.isEmpty
        return true
    }

    private func saysReset(_ json: JSONPlan) -> Bool {
        guard let slot = json.logCode else { return false }
        let code = json.parser.value(slot)
        return code.kind == CSJ_STRING && code.withText { $0.isASCII("UPLINK_F_CNT_RESET") }
    }

    /// A device's answer to the server's question after its battery.
    private mutating func takeCharge(_ json: JSONPlan, moment: Moment) throws(DecodeError) {
        guard let slot = json.charge, !json.isTrue(json.chargeUnknown), !json.isTrue(json.mains) else { return }
        let value = json.parser.value(slot)
        if value.kind == CSJ_MISSING { return }
        var moment = moment
        if let atMs = try jsonTime(json) { (moment.atMs, moment.hasOwnTime) = (atMs, true) }
        append(try Self.charge.value(value, mounting: nil), of: Self.charge, at: moment)
    }

    static let charge = FieldPlan(RouteField("batteryLevel", .battery), intervalS: nil)
}

extension Span<UInt8> {
    /// Whether a topic's last level is this one.
    func hasLastLevel(_ level: StaticString) -> Bool {
        let length = level.utf8CodeUnitCount
        guard count > length, self[count - length - 1] == UInt8(ascii: "/") else { return false }
        let last = extracting(count - length..<count)
        return level.withUTF8Buffer { unsafe last.hasSameBytes(as: $0.span) }
    }
}
