extension MessageDecoder {
    /// Decodes a payload that is one number, `true`, `false` or one of the field's words, white space around it allowed.
    mutating func decodeNumber(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        guard let field = plan.fields.first,
            let moment = try openTopicSensor(plan, topic: topic, arrival: arrival)
        else { throw DecodeError(.missingField, "sensor", .present) }
        let text = payload.extracting(payload.trimmedRange(0..<payload.count))
        append(try Self.lone(text, of: field, mounting: moment.mounting), of: field, at: moment)
    }

    /// Text that stands for a number by its own form.
    static func lone(
        _ text: borrowing Span<UInt8>, of field: FieldPlan, mounting: Mounting?
    ) throws(DecodeError) -> Double {
        if let number = DecimalText.parse(text) {
            let excerpt = Excerpt(quoting: text)
            return try field.value(number, mounting: mounting, found: excerpt)
        }
        if text.isASCII("true") { return try field.value(true) }
        if text.isASCII("false") { return try field.value(false) }
        if DecimalText.isNumber(text) { throw field.error(.notFinite, .finite, Excerpt(quoting: text)) }
        return try field.value(text: text, mounting: mounting)
    }
}

extension Span<UInt8> {
    func isASCII(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { unsafe hasSameBytes(as: $0.span) }
    }

    /// The range without white space at its ends.
    func trimmedRange(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start].isJSONSpace { start += 1 }
        while end > start, self[end - 1].isJSONSpace { end -= 1 }
        return start..<end
    }
}
