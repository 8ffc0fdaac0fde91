/// A few names of at most 16 bytes and what they mean, found from bytes without allocating.
///
/// Linear probing in a table of at least twice as many places as names; a name is two words and its length.
struct ShortNames<Value: Sendable>: Sendable {
    private struct Key: Sendable, Equatable, BitwiseCopyable {
        var low: UInt64
        var high: UInt64
        var count: Int
    }

    private var keys: [Key] = []
    private var values: [Value] = []
    /// Which of ``keys`` stands there, or -1. Their number is a power of two.
    private var places: [Int16] = Array(repeating: -1, count: 8)

    /// - Complexity: O(1).
    @inline(__always)
    func value(of name: borrowing Span<UInt8>) -> Value? {
        guard let key = Self.key(name) else { return nil }
        let mask = places.count - 1
        var place = Self.hash(key) & mask
        while places[place] >= 0 {
            let index = Int(places[place])
            if keys[index] == key { return values[index] }
            place = (place + 1) & mask
        }
        return nil
    }

    /// - Precondition: the name is 1–16 bytes. Of two that are the same the first counts.
    mutating func add(_ name: String, _ value: Value) {
        let bytes = Array(name.utf8)
        guard let key = Self.key(bytes.span) else { preconditionFailure("not a short name: \(name)") }
        keys.append(key)
        values.append(value)
        if keys.count * 2 > places.count { places = Array(repeating: -1, count: places.count * 2) }
        places = places.map { _ in -1 }
        let mask = places.count - 1
        for index in keys.indices {
            var place = Self.hash(keys[index]) & mask
            while places[place] >= 0 { place = (place + 1) & mask }
            places[place] = Int16(index)
        }
    }

    @inline(__always)
    private static func hash(_ key: Key) -> Int {
        Int(truncatingIfNeeded: ((key.low ^ key.high &* 0x9E37_79B9_7F4A_7C15) &* 0xC2B2_AE3D_27D4_EB4F) >> 40)
    }

    @inline(__always)
    private static func key(_ name: borrowing Span<UInt8>) -> Key? {
        let count = name.count
        if count > 8 {
            return count <= 16 ? Key(low: name.word(at: 0), high: name.lastWord(from: 8), count: count) : nil
        }
        return count > 0 ? Key(low: name.lastWord(from: 0), high: 0, count: count) : nil
    }
}

/// The names that payloads and files use.
enum KnownNames {
    /// What a metric's name stands for.
    struct Metric: Sendable, BitwiseCopyable {
        var quantity: Quantity
        var conversion: MeasurementUnit.Conversion
    }

    /// Every ``Quantity/name``, and two names of public data sets that carry another unit.
    static let metrics: ShortNames<Metric> = {
        var names = ShortNames<Metric>()
        for quantity in Quantity.allCases {
            names.add(quantity.name, Metric(quantity: quantity, conversion: .identity))
        }
        for (name, quantity, unit) in [
            ("temperature_f", Quantity.temperature, MeasurementUnit.fahrenheit), ("speed_mph", .speed, .milePerHour),
        ] {
            guard let conversion = quantity.conversion(from: unit) else {
                preconditionFailure("one dimension: \(name)")
            }
            names.add(name, Metric(quantity: quantity, conversion: conversion))
        }
        return names
    }()

    static let units: ShortNames<MeasurementUnit> = {
        var names = ShortNames<MeasurementUnit>()
        for unit in MeasurementUnit.allCases {
            for symbol in unit.symbols where !symbol.isEmpty { names.add(symbol, unit) }
        }
        return names
    }()

    static let kinds: ShortNames<SensorKind> = {
        var names = ShortNames<SensorKind>()
        for kind in SensorKind.allCases { names.add(kind.name, kind) }
        return names
    }()
}
