internal import TimeBase

/// One bin: it fills at its own rate, mostly around noon, and is emptied on its ward's round.
struct BinPattern: Sendable {
    var key: UInt64
    /// Days from one round to the next.
    var periodDays: Int64
    /// Which day of that period, counted from local 1970-01-01.
    var weekdayPhase: Int64
    /// Fill at which the round finds it, percent, about.
    var full: Double

    /// What is left in it after it was emptied, percent.
    static let residue = 3.0

    /// Fill, percent to 1. `emptied` is an extra collection (local seconds) outside the round.
    func fill(at moment: LocalMoment, emptied: Int64 = .min) -> Double {
        (level(atLocalS: moment.localS, emptied: emptied) + echo(at: moment)).clamped(to: 0...100).rounded()
    }

    /// The true level, percent, without the sensor's noise.
    func level(atLocalS localS: Int64, emptied: Int64 = .min) -> Double {
        let from = max(lastRound(atLocalS: localS), emptied)
        let cycle = floorDivide(from, 86_400)
        let rate = full / Double(periodDays) * (0.88 + 0.24 * SeededHash.unit(SeededHash.key(key, 1), cycle))
        return Self.residue + rate * (Self.wasteDays(atLocalS: localS) - Self.wasteDays(atLocalS: from))
    }

    /// The ultrasonic sensor's noise, percent.
    func echo(at moment: LocalMoment) -> Double {
        0.7 * SeededHash.normal(SeededHash.key(key, 2), moment.atMs / 1000)
    }

    /// When the round last came, in local seconds: between six and one o'clock, at the bin's own minute.
    func lastRound(atLocalS localS: Int64) -> Int64 {
        let timeOfDay = 6 * 3600 + Int64(SeededHash.unit(key, 3) * 25_200)
        let day = floorDivide(localS - timeOfDay, 86_400)
        let late = floorModulo(day - weekdayPhase, periodDays)
        return (day - late) * 86_400 + timeOfDay
    }

    /// Days' worth of waste thrown away until then: grows by 1 a day, by day and hardly at night.
    static func wasteDays(atLocalS localS: Int64) -> Double {
        let (day, second) = (floorDivide(localS, 86_400), floorModulo(localS, 86_400))
        let (hour, rest) = second.quotientAndRemainder(dividingBy: 3600)
        let before = wasteByHour[Int(hour)]
        return Double(day) + before + (wasteByHour[Int(hour) + 1] - before) * Double(rest) / 3600
    }

    /// Share of the day's waste thrown away before each full hour; 25 numbers from 0 to 1.
    private static let wasteByHour: [Double] = {
        var sums = [0.0]
        for hour in 0..<24 { sums.append(sums[hour] + DayShape.waste.value(atSecond: Int64(hour) * 3600 + 1800)) }
        return sums.map { $0 / sums[24] }
    }()

    /// Temperature in a bin, °C to 0.1: the season, the day, the weather of the week, and the sun on it.
    static func temperature(mean: Double, key: UInt64, at moment: LocalMoment) -> Double {
        let yearDay = Double(floorModulo(moment.day, 365))
        let season = 6 * wave((yearDay - 110) / 365)  // coldest in late January
        let sun = 4.5 * wave((Double(moment.secondOfDay) / 3600 - 9.5) / 24)  // warmest at half past three
        let weather = 2.2 * SeededHash.drift(0x5EED_CE15, atS: moment.localS, periodS: 43_200)
        let own = 0.25 * SeededHash.normal(SeededHash.key(key, 4), moment.atMs / 1000)
        return (mean + season + sun + weather + own).rounded(decimals: 1)
    }

    /// A sine by parabolas, one turn for 1: near enough for the weather, and no libm whose last digit may differ.
    private static func wave(_ turns: Double) -> Double {
        let x = turns - turns.rounded(.down)
        return x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x)
    }
}

extension Double {
    func clamped(to range: ClosedRange<Double>) -> Double { min(max(self, range.lowerBound), range.upperBound) }
}
