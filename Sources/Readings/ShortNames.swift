/// A few names of at most 16 bytes and what they mean, found from bytes without hashing or allocating.
struct ShortNames<Value: Sendable>: Sendable {
    private struct Key: Sendable, Equatable, BitwiseCopyable {
        var low: UInt64
        var high: UInt64
        var count: Int
    }

    private var keys: [Key] = []
    private var values: [Value] = []

    /// - Complexity: O(names) comparisons of two words.
    func value(of name: borrowing Span<UInt8>) -> Value? {
        guard let key = Self.key(name) else { return nil }
        for index in keys.indices where keys[index] == key { return values[index] }
        return nil
    }

    /// - Precondition: the name is 1–16 bytes.
    mutating func add(_ name: String, _ value: Value) {
        let bytes = Array(name.utf8)
        guard let key = Self.key(bytes.span) else { preconditionFailure("not a short name: \(name)") }
        keys.append(key)
        values.append(value)
    }

    private static func key(_ name: borrowing Span<UInt8>) -> Key? {
        guard (1...16).contains(name.count) else { return nil }
        var words: (low: UInt64, high: UInt64) = (0, 0)
        for index in 0..<min(8, name.count) { words.low |= UInt64(name[index]) << UInt64(index * 8) }
        if name.count > 8 {
            for index in 8..<name.count { words.high |= UInt64(name[index]) << UInt64(index * 8 - 64) }
        }
        return Key(low: words.low, high: words.high, count: name.count)
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
