package import Readings

/// A clock that runs as people are about: a day is one, and each hour of the day has the share of it that this place's
/// own history gives.
///
/// What people cause (litter in a bin) grows evenly on this clock, where on the wall's it stops at night. Shares begin
/// as those of a waking day and follow what is seen, a sixteenth a day.
///
/// - Complexity: O(1) to learn; O(24) to advance or to look ahead, and O(24) more for each change of days.
/// - Memory: 130 bytes.
/// - Source: operational time: Cox & Lewis, The Statistical Analysis of Series of Events (1966), ch. 2, for a process
///   whose rate varies through the day.
package struct ActivityClock: Sendable, Equatable, StateCodable {
    /// What each hour of the local day brings, in the unit of what grows.
    private var gains: [Float]
    private static let rate: Float = 1 / 16
    /// Nights are not quite still, whatever was seen.
    private static let trace: Float = 0.01

    /// - Parameter perDay: What a day is thought to bring before any is seen.
    package init(perDay: Float) {
        // Rising from 6, high from 10 to 18, falling until 23.
        let waking: [Float] = [
            1, 1, 1, 1, 1, 2, 4, 7, 11, 15, 19, 22, 24, 24, 23, 22, 21, 20, 18, 15, 11, 7, 4, 2,
        ]
        let sum = waking.reduce(0, +)
        gains = waking.map { $0 / sum * perDay }
    }

    /// One hour of the day has brought so much.
    package mutating func learn(_ gain: Double, hour: Int) {
        gains[hour] += Self.rate * (Float(gain) - gains[hour])
    }

    /// What passes on this clock between two instants, in days.
    package func days(from startMs: Int64, to endMs: Int64, zone: ZoneTable) -> Double {
        guard endMs > startMs else { return 0 }
        let whole = (endMs - startMs) / dayMs
        var (atMs, passed) = (startMs + whole * dayMs, Double(whole))
        let sum = self.sum
        while atMs < endMs {
            let local = LocalTime(atMs: atMs, in: zone)
            let hourEndMs = min(endMs, atMs + Int64(3600 - local.secondOfDay % 3600) * 1000)
            passed += Double(share(local.secondOfDay / 3600) / sum) * Double(hourEndMs - atMs) / Double(hourMs)
            atMs = hourEndMs
        }
        return passed
    }

    /// When so many days will have passed on this clock.
    package func moment(after days: Double, from startMs: Int64, zone: ZoneTable) -> Int64 {
        // Beyond a year nobody plans.
        let whole = min(days.rounded(.down), 366)
        var (atMs, left) = (startMs + Int64(whole) * dayMs, min(days - whole, 1))
        let sum = self.sum
        for _ in 0...25 {
            let local = LocalTime(atMs: atMs, in: zone)
            let hourEndMs = atMs + Int64(3600 - local.secondOfDay % 3600) * 1000
            let perHour = Double(share(local.secondOfDay / 3600) / sum)
            let step = perHour * Double(hourEndMs - atMs) / Double(hourMs)
            if step >= left { return atMs + Int64(left / perHour * Double(hourMs)) }
            left -= step
            atMs = hourEndMs
        }
        return atMs
    }

    private func share(_ hour: Int) -> Float { max(gains[hour], Self.trace) }
    private var sum: Float { (0..<24).reduce(0) { $0 + share($1) } }

    package mutating func code(_ coder: inout StateCoder) {
        coder.code(&gains)
    }
}
