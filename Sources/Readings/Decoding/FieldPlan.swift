import CSIMDJSON

/// A ``RouteField`` as the decoder uses it: everything that can be known before a message comes, worked out.
///
/// A class, because it is passed around for every measurement: a copy of the arrays would count five references.
final class FieldPlan: Sendable {
    let path: [UInt8]
    /// What is added to the sensor's id; empty for nothing.
    let part: [UInt8]
    let quantity: Quantity
    let ageMs: Int64
    /// Over how long the number is an amount; nil for one that is none.
    let periodS: Int?
    private let field: StatedUnit
    /// The short way for the usual number.
    let core: FieldCore
    private let conversion: MeasurementUnit.Conversion
    private let isDistance: Bool
    private let isContact: Bool
    private let isText: Bool
    private let closedFrom: Double?
    /// NaN marks the words of a device that could not measure.
    private let words: ShortNames<Double>

    /// - Precondition: the field has no problems.
    init(_ field: RouteField, intervalS: Int?) {
        guard let conversion = field.conversion(intervalS: intervalS) else {
            preconditionFailure("routes are checked before they are used: \(field.path)")
        }
        (path, part) = (Array(field.path.utf8), Array((field.part ?? "").utf8))
        periodS = field.unit.flatMap { field.quantity.conversion(from: $0) == nil ? field.periodS ?? intervalS : nil }
        self.field = StatedUnit(
            quantity: field.quantity, periodS: field.periodS ?? intervalS, isDistance: field.isDistance,
            isSum: field.isSum)
        closedFrom = field.closedFrom
        (quantity, ageMs, self.conversion) = (field.quantity, Int64(field.ageS) * 1000, conversion)
        (isDistance, isContact, isText) = (field.isDistance, field.quantity.unit == .boolean, field.isText)
        let own = field.unit ?? field.quantity.unit
        core = FieldCore(
            quantity: field.quantity, ageMs: Int64(field.ageS) * 1000, pathCount: field.path.utf8.count,
            isWhole: field.part?.isEmpty ?? true, isFree: !field.isDistance && field.quantity.unit != .boolean,
            conversion: conversion, own: own, ownConversion: self.field.stating(own))
        var words = ShortNames<Double>()
        for (word, number) in field.words.sorted(by: { $0.key < $1.key }) { words.add(word, number) }
        for word in field.faults where field.words[word] == nil { words.add(word, .nan) }
        self.words = words
    }

    /// What may stand between a device's name and that of what it measures.
    static func isMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// Whether a range of the payload is this name.
    static func isName(_ name: [UInt8], at range: Range<Int>, of payload: borrowing Span<UInt8>) -> Bool {
        name.span.hasSameBytes(as: payload.extracting(range))
    }

    /// A number of the payload in the quantity's unit.
    func value(
        _ number: Double, mounting: Mounting?, found: @autoclosure () -> Excerpt
    ) throws(DecodeError) -> Double {
        guard number.isFinite else { throw error(.notFinite, .finite, found()) }
        return try judge(conversion(number), mounting: mounting, found: found())
    }

    /// A number that has been converted, if it is possible.
    private func judge(
        _ converted: Double, mounting: Mounting?, found: @autoclosure () -> Excerpt
    ) throws(DecodeError) -> Double {
        if isDistance { return try fill(converted, mounting: mounting, found: found()) }
        guard converted.magnitude <= 1e12 else { throw error(.outOfRange, .plausible, found()) }
        if let closedFrom { return converted >= closedFrom ? 1 : 0 }
        if isContact, converted != 0, converted != 1 { throw error(.outOfRange, .binary, found()) }
        return converted
    }

    /// The same for a number with a unit of its own, which counts before the field's; empty: none is stated.
    func value(
        _ number: Double, stated symbol: borrowing Span<UInt8>, mounting: Mounting?, found: @autoclosure () -> Excerpt
    ) throws(DecodeError) -> Double {
        if symbol.isEmpty || quantity == .generic {
            return try value(number, mounting: mounting, found: found())
        }
        guard let unit = KnownNames.units.value(of: symbol) else {
            throw error(.wrongUnit, .knownUnit, Excerpt(symbol))
        }
        guard let other = field.stating(unit) else { throw error(.wrongUnit, .convertibleUnit, Excerpt(symbol)) }
        guard number.isFinite else { throw error(.notFinite, .finite, found()) }
        return try judge(other(number), mounting: mounting, found: found())
    }

    private func fill(
        _ metres: Double, mounting: Mounting?, found: @autoclosure () -> Excerpt
    ) throws(DecodeError) -> Double {
        guard let mounting else { throw error(.noMounting, .mounting, found()) }
        guard let fill = mounting.fill(atDistance: metres) else { throw error(.outOfRange, .withinDepth, found()) }
        return fill
    }

    /// What a text stands for: one of the field's words, or a number where those may be written so.
    func value(text: borrowing Span<UInt8>, mounting: Mounting?) throws(DecodeError) -> Double {
        if let number = words.value(of: text) {
            if number.isNaN { throw error(.deviceFault, .measured, Excerpt(quoting: text)) }
            return try value(number, mounting: mounting, found: Excerpt())
        }
        if isText, let number = DecimalText.parse(text) {
            let excerpt = Excerpt(quoting: text)
            return try value(number, mounting: mounting, found: excerpt)
        }
        throw error(.wrongType, isContact ? .truth : .number, Excerpt(quoting: text))
    }

    func value(_ truth: Bool) throws(DecodeError) -> Double {
        if isContact { return truth ? 1 : 0 }
        let word = Array((truth ? "true" : "false").utf8)
        return try value(text: word.span, mounting: nil)
    }

    func value(_ json: JSONValue, mounting: Mounting?) throws(DecodeError) -> Double {
        switch json.kind {
        case CSJ_INTEGER, CSJ_DOUBLE: return try value(json.number, mounting: mounting, found: json.excerpt)
        case CSJ_STRING:
            return try json.withText { text throws(DecodeError) in try value(text: text, mounting: mounting) }
        case CSJ_TRUE: return try value(true)
        case CSJ_FALSE: return try value(false)
        case CSJ_HUGE: throw error(.notFinite, .finite, json.excerpt)
        default: throw error(.wrongType, isContact ? .truth : .number, json.excerpt)
        }
    }

    func error(_ reason: QuarantineReason, _ rule: DecodeError.Rule, _ found: Excerpt) -> DecodeError {
        DecodeError(reason, field: Excerpt(path), rule, found: found)
    }
}

/// What a field makes of a unit that a message states itself.
private struct StatedUnit: Sendable {
    var quantity: Quantity
    var periodS: Int?
    var isDistance: Bool
    var isSum: Bool

    func stating(_ unit: MeasurementUnit) -> MeasurementUnit.Conversion? {
        if isSum {
            guard let amount = unit.amountInASecond else { return nil }
            return quantity.conversion(from: amount.unit).map { .init(scale: amount.scale * $0.scale, offset: 0) }
        }
        if isDistance { return unit.asLength?.conversion(to: .metre) }
        if let conversion = quantity.conversion(from: unit) { return conversion }
        guard let periodS, let rate = unit.rate(overSeconds: Double(periodS)) else { return nil }
        return rate.unit.conversion(to: quantity.unit).map { .init(scale: rate.scale * $0.scale, offset: 0) }
    }
}
