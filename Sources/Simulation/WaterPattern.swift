/// Water as its sensors see it on ordinary days.
enum WaterPattern {
    /// Share of the mean that a zone draws now, without the noise of one reading: 1 on average.
    ///
    /// Zones differ: their day runs up to 20 minutes early or late, and their nights draw more or less.
    static func demand(zoneKey: UInt64, at moment: LocalMoment) -> Double {
        let shiftS = Int64((SeededHash.unit(zoneKey, 1) - 0.5) * 2400)
        let contrast = 0.85 + 0.25 * SeededHash.unit(zoneKey, 2)
        let shape = moment.isWeekend ? DayShape.waterWeekend : DayShape.waterWorkday
        let ordinary = 1 + (shape.value(atSecond: moment.secondOfDay + shiftS) - 1) * contrast
        let hours = 0.015 * SeededHash.drift(SeededHash.key(zoneKey, 3), atS: moment.localS, periodS: 7200)
        let days = 0.006 * SeededHash.drift(SeededHash.key(zoneKey, 4), atS: moment.localS, periodS: 86_400)
        return ordinary * (1 + hours + days)
    }

    /// Inflow, m³/h to 0.01.
    static func flow(mean: Double, zoneKey: UInt64, at moment: LocalMoment, added: Double = 0) -> Double {
        let noise = 1 + 0.025 * SeededHash.normal(SeededHash.key(zoneKey, 5), moment.atMs)
        return (mean * demand(zoneKey: zoneKey, at: moment) * noise + added).rounded(decimals: 2)
    }

    /// Pressure, m to 0.1: it sinks a little when the zone draws much, and drops by `lost` when a main is open.
    static func pressure(
        mean: Double, zoneKey: UInt64, key: UInt64, at moment: LocalMoment, lost: Double = 0
    ) -> Double {
        let friction = 0.035 * mean * (demand(zoneKey: zoneKey, at: moment) - 1)
        let noise = 0.25 * SeededHash.normal(SeededHash.key(key, 6), moment.atMs)
        return max(0, mean - friction + noise - lost).rounded(decimals: 1)
    }

    /// Level at a logger, dB to 0.1: traffic by day, near silence at night. A leak's hiss covers the quiet.
    static func noise(quiet: Double, key: UInt64, at moment: LocalMoment, hiss: Double = 0) -> Double {
        let street = 11 * DayShape.streetNoise.value(atSecond: moment.secondOfDay) * (moment.isWeekend ? 0.8 : 1)
        let background = quiet + street + 1.1 * SeededHash.normal(SeededHash.key(key, 7), moment.atMs)
        guard hiss > 0 else { return background.rounded(decimals: 1) }
        let leak = quiet + hiss + 0.8 * SeededHash.normal(SeededHash.key(key, 8), moment.atMs)
        return max(background, leak).rounded(decimals: 1)
    }

    /// One building's hour, L/h: nothing at all in most hours of the night.
    static func meter(busy: Double, key: UInt64, at moment: LocalMoment, running: Double = 0) -> Double {
        let chance = DayShape.meterUse.value(atSecond: moment.secondOfDay)
        let hour = moment.atMs / 1000
        let draws = SeededHash.unit(SeededHash.key(key, 9), hour) < chance
        let amount = draws ? busy * chance * (0.3 + 1.1 * SeededHash.unit(SeededHash.key(key, 10), hour)) : 0
        let drip = running > 0 ? running * (1 + 0.08 * SeededHash.normal(SeededHash.key(key, 11), hour)) : 0
        return (amount + drip).rounded(decimals: 0)
    }
}
