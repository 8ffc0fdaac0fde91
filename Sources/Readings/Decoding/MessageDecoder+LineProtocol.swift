extension MessageDecoder {
    /// Decodes InfluxDB line protocol: `measurement,tag=v field=1.5,other=3i 1777600000000000000`, a point a line.
    ///
    /// A field of the route is found under its key, or under `measurement.key`. Lines that begin with `#` are comments.
    mutating func decodeLines(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        var line = LineReader(position: 0)
        while line.position < payload.count {
            line.skip(whileSpace: payload)
            if line.position == payload.count { break }
            if payload[line.position] == UInt8(ascii: "#") {
                line.skipLine(in: payload)
            } else {
                try takePoint(&line, payload, plan: plan, known: known, arrival: arrival)
            }
        }
        if message.measurements.isEmpty { throw message.flaws.first ?? Self.nothingFound(plan.fields) }
    }

    private mutating func takePoint(
        _ line: inout LineReader, _ payload: borrowing Span<UInt8>, plan: RoutePlan, known: Moment?, arrival: Arrival
    ) throws(DecodeError) {
        let first = message.measurements.count
        let measurement = line.token(in: payload, endsAt: .measurement)
        if measurement.isEmpty { throw line.malformed("a measurement's name", payload) }
        var moment = known
        var counter: Int64 = -1
        while line.take(",", in: payload) {
            let key = line.token(in: payload, endsAt: .key)
            guard line.take("=", in: payload) else { throw line.malformed("= behind a tag's key", payload) }
            let value = line.token(in: payload, endsAt: .tagValue)
            guard moment == nil, let wanted = plan.route.sensorField, payload.holds(key, escaped: wanted) else {
                continue
            }
            payload.unescape(value, into: &id)
            moment = try openSensor(plan, field: "sensor", arrival: arrival)
        }
        guard line.take(" ", in: payload) else { throw line.malformed("a space before the fields", payload) }
        guard var moment else {
            let path = Array((plan.route.sensorField ?? "sensor").utf8)
            throw DecodeError(.missingField, field: Excerpt(path), .present, found: Excerpt())
        }
        line.skipBlanks(in: payload)
        repeat {
            let key = line.token(in: payload, endsAt: .key)
            if key.isEmpty { throw line.malformed("a field's key", payload) }
            guard line.take("=", in: payload) else { throw line.malformed("= behind a field's key", payload) }
            let value = try line.fieldValue(in: payload)
            if let wanted = plan.route.counterField, payload.holds(key, escaped: wanted) {
                counter = DecimalText.integer(payload.extracting(value.digits)) ?? -1
            }
            guard let index = field(of: plan, measurement: measurement, key: key, in: payload) else { continue }
            let field = plan.fields[index]
            do throws(DecodeError) {
                append(
                    try self.value(value, in: payload, of: field, plan: plan, mounting: moment.mounting), of: field,
                    at: moment)
            } catch {
                message.passOver(error)
            }
        } while line.take(",", in: payload)
        if let time = try line.timestamp(in: payload, unit: plan.route.timeUnit) {
            (moment.atMs, moment.hasOwnTime) = (time, true)
        }
        try line.endLine(in: payload)
        moment.counter = Self.readingCounter(min(counter, Int64(UInt32.max)))
        for index in first..<message.measurements.count {
            message.measurements[index].observedAtMs += moment.atMs - arrival.atMs
            message.measurements[index].hasOwnTime = moment.hasOwnTime
            message.measurements[index].counter = moment.counter
        }
    }

    /// The route's field that a key names.
    private mutating func field(
        of plan: RoutePlan, measurement: Range<Int>, key: Range<Int>, in payload: borrowing Span<UInt8>
    ) -> Int? {
        payload.unescape(key, into: &scratch)
        if let index = plan.fields.firstIndex(where: { $0.path == scratch }) { return index }
        payload.unescape(measurement, into: &scratch)
        scratch.append(UInt8(ascii: "."))
        payload.unescape(key, appendingTo: &scratch)
        return plan.fields.firstIndex { $0.path == scratch }
    }

    private mutating func value(
        _ value: LineReader.Value, in payload: borrowing Span<UInt8>, of field: FieldPlan, plan: RoutePlan,
        mounting: Mounting?
    ) throws(DecodeError) -> Double {
        switch value.kind {
        case .string:
            payload.unescape(value.digits, into: &scratch)
            return try field.value(text: scratch.span, mounting: mounting)
        case .truth(let truth): return try field.value(truth)
        case .number(let number):
            let excerpt = Excerpt(payload.extracting(value.digits))
            return try field.value(number, mounting: mounting, found: excerpt)
        }
    }
}

/// Takes the parts of a line off its front.
private struct LineReader {
    var position: Int

    enum Place { case measurement, key, tagValue }

    /// A field's value and where it stands, without quotation marks or the letter of an integer.
    struct Value {
        var kind: Kind
        var digits: Range<Int>
        enum Kind { case number(Double), truth(Bool), string }
    }

    /// Up to the unescaped character that ends such a token, or the line's end.
    mutating func token(in text: borrowing Span<UInt8>, endsAt place: Place) -> Range<Int> {
        let start = position
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\\"), position + 1 < text.count, text[position + 1] != UInt8(ascii: "\n") {
                position += 2
                continue
            }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") { break }
            if byte == UInt8(ascii: "=") && place == .key { break }
            position += 1
        }
        return start..<position
    }

    mutating func take(_ mark: Unicode.Scalar, in text: borrowing Span<UInt8>) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: mark) else { return false }
        position += 1
        return true
    }

    mutating func skip(whileSpace text: borrowing Span<UInt8>) {
        while position < text.count, text[position].isJSONSpace { position += 1 }
    }

    mutating func skipBlanks(in text: borrowing Span<UInt8>) {
        while take(" ", in: text) {}
    }

    mutating func skipLine(in text: borrowing Span<UInt8>) {
        while position < text.count, text[position] != UInt8(ascii: "\n") { position += 1 }
    }

    mutating func fieldValue(in text: borrowing Span<UInt8>) throws(DecodeError) -> Value {
        if take("\"", in: text) {
            let start = position
            while position < text.count, text[position] != UInt8(ascii: "\"") {
                position += text[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard position < text.count else {
                position = text.count
                throw malformed("a quotation mark that closes the text", text)
            }
            position += 1
            return Value(kind: .string, digits: start..<position - 1)
        }
        let start = position
        let whole = token(in: text, endsAt: .tagValue)
        if whole.isEmpty { throw malformed("a field's value", text) }
        var digits = whole
        let last = text[whole.upperBound - 1]
        if last == UInt8(ascii: "i") || last == UInt8(ascii: "u") {
            digits = whole.lowerBound..<whole.upperBound - 1
            if let integer = DecimalText.integer(text.extracting(digits)) {
                return Value(kind: .number(Double(integer)), digits: digits)
            }
        } else if let number = DecimalText.parse(text.extracting(whole)) {
            return Value(kind: .number(number), digits: whole)
        } else if let truth = Self.truth(text.extracting(whole)) {
            return Value(kind: .truth(truth), digits: whole)
        }
        if DecimalText.isNumber(text.extracting(digits)) { return Value(kind: .number(.infinity), digits: digits) }
        position = start
        throw malformed("a number, a truth or quoted text", text)
    }

    private static func truth(_ text: borrowing Span<UInt8>) -> Bool? {
        if text.isASCII("t") || text.isASCII("T") || text.isASCII("true") || text.isASCII("True")
            || text.isASCII("TRUE")
        {
            return true
        }
        let isFalse =
            text.isASCII("f") || text.isASCII("F") || text.isASCII("false") || text.isASCII("False")
            || text.isASCII("FALSE")
        return isFalse ? false : nil
    }

    /// The time at the line's end, nanoseconds where the route says nothing else; nil where there is none.
    mutating func timestamp(in text: borrowing Span<UInt8>, unit: TimeUnit) throws(DecodeError) -> Int64? {
        skipBlanks(in: text)
        let start = position
        while position < text.count, !text[position].isJSONSpace { position += 1 }
        if start == position { return nil }
        let digits = text.extracting(start..<position)
        let read = DecimalText.integer(digits).flatMap {
            (unit == .automatic ? TimeUnit.nanoseconds : unit).milliseconds($0)
        }
        let excerpt = Excerpt(digits)
        return try MessageDecoder.inRange(read, field: Excerpt("timestamp"), found: excerpt)
    }

    mutating func endLine(in text: borrowing Span<UInt8>) throws(DecodeError) {
        while position < text.count, text[position] == UInt8(ascii: " ") || text[position] == UInt8(ascii: "\r") {
            position += 1
        }
        if position < text.count, !take("\n", in: text) { throw malformed("the line's end", text) }
    }

    func malformed(_ wanted: StaticString, _ text: borrowing Span<UInt8>) -> DecodeError {
        DecodeError(malformed: wanted, text, at: position)
    }
}

extension DecodeError {
    /// A payload that is not of its format: what was wanted, and what stands there.
    init(malformed wanted: StaticString, _ payload: borrowing Span<UInt8>, at position: Int) {
        let start = min(position, payload.count)
        var found = Excerpt()
        if start < payload.count {
            found = Excerpt(quoting: payload.extracting(start..<min(payload.count, start + 16)))
        } else {
            found.append("the end")
        }
        found.append(" at byte ")
        found.append(number: start)
        found.append(", not ")
        found.append(wanted)
        self.init(.malformed, "payload", .format, found: found)
    }
}

extension Span<UInt8> {
    /// Writes the range without the backslashes that escape a character.
    func unescape(_ range: Range<Int>, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        unescape(range, appendingTo: &bytes)
    }

    func unescape(_ range: Range<Int>, appendingTo bytes: inout [UInt8]) {
        var index = range.lowerBound
        while index < range.upperBound {
            if self[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound { index += 1 }
            bytes.append(self[index])
            index += 1
        }
    }

    /// Whether the range, unescaped, is this name.
    func holds(_ range: Range<Int>, escaped name: String) -> Bool {
        var (index, rest) = (range.lowerBound, name.utf8[...])
        while index < range.upperBound {
            if self[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound { index += 1 }
            guard rest.popFirst() == self[index] else { return false }
            index += 1
        }
        return rest.isEmpty
    }
}
