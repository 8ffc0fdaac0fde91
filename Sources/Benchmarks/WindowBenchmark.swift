internal import CReferences
internal import Detection

/// Window statistics against a C++ two-stack and a naive recomputation.
enum WindowBenchmark: Benchmark {
    static let name = "windows"
    static let about = "each window statistic against two stacks in C++, one sensor and 10,000"

    static func run(_ rounds: Rounds, _ tools: Tools) throws -> [Figure] {
        let values = Self.values(count: 1 << 16)
        var figures: [Figure] = []
        for sensors in [1, 10_000] {
            let count = rounds.amount(4_000_000, smoke: 200_000)
            // Large windows of many sensors would measure memory, not windows.
            let length = sensors == 1 ? 1024 : 64
            for statistic in Statistic.allCases {
                figures += try twoStacks(statistic, rounds, values, count, length, sensors)
            }
        }
        figures += try flatness(rounds, values)
        for statistic in Statistic.allCases { figures.append(try naive(statistic, rounds, values)) }
        figures.append(try median(rounds, values))
        return figures
    }

    enum Statistic: String, CaseIterable {
        case moments = "mean and variance"
        case extreme = "minimum"

        func ours(_ values: [Double], _ count: Int, _ length: Int, _ sensors: Int) throws -> Double {
            switch self {
            case .moments:
                var windows = Array(
                    repeating: TrailingMoments(spanMs: Int64(length), capacity: length), count: sensors)
                return drive(values, count, &windows) { window, value, atMs in
                    window.append(value, atMs: atMs)
                    return window.mean + window.variance
                }
            case .extreme:
                var windows = Array(
                    repeating: TrailingExtreme(.minimum, spanMs: Int64(length), capacity: length), count: sensors)
                return drive(values, count, &windows) { window, value, atMs in
                    window.append(value, atMs: atMs)
                    return window.value ?? 0
                }
            }
        }

        /// In C++: of what lies within a span of event time, as ours; of the last so many values, which needs no times; and the
        /// latter computed anew each time.
        var references: (timed: creferences_window, untimed: creferences_window, naive: creferences_window) {
            switch self {
            case .moments:
                (
                    CREFERENCES_TIMED_TWO_STACKS_MOMENTS, CREFERENCES_TWO_STACKS_MOMENTS, CREFERENCES_NAIVE_MOMENTS
                )
            case .extreme:
                (
                    CREFERENCES_TIMED_TWO_STACKS_EXTREME, CREFERENCES_TWO_STACKS_EXTREME, CREFERENCES_NAIVE_EXTREME
                )
            }
        }
    }

    private static func twoStacks(
        _ statistic: Statistic, _ rounds: Rounds, _ values: [Double], _ count: Int, _ length: Int, _ sensors: Int
    ) throws -> [Figure] {
        let perValue = 1e9 / Double(count)
        let references = statistic.references
        let results = try rounds.interleave([
            { try statistic.ours(values, count, length, sensors) * perValue },
            { try reference(references.timed, values, count, length, sensors) * perValue },
            { try reference(references.untimed, values, count, length, sensors) * perValue },
        ])
        let name = "\(statistic.rawValue), window of \(length), \(text(sensors))"
        return [
            Figure(
                name, unit: "ns a value", better: .lower, ours: results[0],
                reference: .init(name: "C++ two stacks over a span of event time", values: results[1]),
                goal: .init(bound: 1)),
            Figure(
                name, unit: "ns a value", better: .lower, ours: results[0],
                reference: .init(name: "C++ two stacks of so many values, without times", values: results[2])),
        ]
    }

    /// Appends `count` values round robin; event time moves on by a millisecond with each value of a sensor.
    ///
    /// Each window is handed over in place, as a detector has its own: read from the array, it would be copied with each
    /// question.
    @inline(__always)
    private static func drive<Window>(
        _ values: [Double], _ count: Int, _ windows: inout [Window], _ append: (inout Window, Double, Int64) -> Double
    ) -> Double {
        var (sensor, at, sum) = (0, 0, 0.0)
        var nowMs: Int64 = 0
        let time = seconds {
            for _ in 0..<count {
                sum += append(&windows[sensor], values[at], nowMs)
                sensor += 1
                if sensor == windows.count { (sensor, nowMs) = (0, nowMs + 1) }
                at = at + 1 == values.count ? 0 : at + 1
            }
        }
        precondition(sum.isFinite, "the sum keeps the work from being left out")
        return time
    }

    private static func reference(
        _ kind: creferences_window, _ values: [Double], _ count: Int, _ length: Int, _ sensors: Int
    ) throws -> Double {
        var sum = 0.0
        // Sound: the call reads `values.count` doubles and writes one.
        let time = unsafe values.withUnsafeBufferPointer { values in
            unsafe creferences_window_run(
                kind, values.baseAddress, values.count, UInt64(count), length, sensors, &sum)
        }
        guard sum.isFinite, time > 0 else { throw WrongAnswer("the reference's windows gave \(sum)") }
        return time
    }

    /// The cost of a long window over that of a short one.
    private static func flatness(_ rounds: Rounds, _ values: [Double]) throws -> [Figure] {
        let count = rounds.amount(4_000_000, smoke: 200_000)
        return try Statistic.allCases.map { statistic in
            let (long, short) = try rounds.pair(
                { try statistic.ours(values, count, 65_536, 1) / Double(count) * 1e9 },
                against: { try statistic.ours(values, count, 64, 1) / Double(count) * 1e9 })
            return Figure(
                "\(statistic.rawValue), window of 65,536", unit: "ns a value", better: .lower, ours: long,
                reference: .init(name: "the same, window of 64", values: short), goal: .init(bound: 1.5))
        }
    }

    private static func naive(_ statistic: Statistic, _ rounds: Rounds, _ values: [Double]) throws -> Figure {
        let count = rounds.amount(200_000, smoke: 10_000)
        let (ours, theirs) = try rounds.pair(
            { try statistic.ours(values, count, 1024, 1) / Double(count) * 1e9 },
            against: { try reference(statistic.references.naive, values, count, 1024, 1) / Double(count) * 1e9 })
        return Figure(
            "\(statistic.rawValue), window of 1,024, recomputed", unit: "ns a value", better: .lower, ours: ours,
            reference: .init(name: "C++, recomputed each time", values: theirs))
    }

    private static func median(_ rounds: Rounds, _ values: [Double]) throws -> Figure {
        let count = rounds.amount(1_000_000, smoke: 50_000)
        let times = try rounds.interleave([
            {
                var windows = [SortedWindow(capacity: 64)]
                return Self.drive(values, count, &windows) { window, value, _ in
                    window.append(value)
                    return window.median
                } / Double(count) * 1e9
            }
        ])
        return Figure("median, window of 64", unit: "ns a value", better: .lower, ours: times[0])
    }

    private static func text(_ sensors: Int) -> String { sensors == 1 ? "one sensor" : "10,000 sensors" }

    /// A walk that repeats itself; linear congruential, Knuth's MMIX constants.
    private static func values(count: Int) -> [Double] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 20)
        }
    }
}
