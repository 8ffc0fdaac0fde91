import Readings
internal import TimeBase

extension SyntheticCity {
    /// What a sensor measures at a moment, with the events that touch it; empty where it sends nothing.
    func sample(_ index: Int, at moment: LocalMoment, effects: CityEffects) -> CitySample {
        let device = devices[index]
        guard let effect = effects.effect(on: index, device: device, atMs: moment.atMs) else {
            return ordinarySample(device, at: moment, effect: CityEffect())
        }
        if effect.isSilent { return CitySample() }
        guard let stuckSinceMs = effect.stuckSinceMs else {
            return ordinarySample(device, at: moment, effect: effect)
        }
        let intervalMs = device.sort.intervalS * 1000
        let frozen = self.moment(atMs: floorDivide(stuckSinceMs, intervalMs) * intervalMs)
        return ordinarySample(device, at: frozen, effect: CityEffect())
    }

    private func ordinarySample(_ device: CityDevice, at moment: LocalMoment, effect: CityEffect) -> CitySample {
        var sample = CitySample()
        switch device.sort {
        case .flow:
            let added = effect.leak * device.size
            sample.add(
                .flow, WaterPattern.flow(mean: device.size, zoneKey: device.key, at: moment, added: added))
        case .pressure:
            // A leak of 45 % of the inflow takes about a fifth of the head.
            let lost = effect.leak * 0.42 * device.size
            let zoneKey = devices[Int(device.group)].key  // flow meters come first, one a zone
            sample.add(
                .pressure,
                WaterPattern.pressure(
                    mean: device.size, zoneKey: zoneKey, key: device.key, at: moment, lost: lost))
        case .noise:
            sample.add(
                .noise, WaterPattern.noise(quiet: device.size, key: device.key, at: moment, hiss: effect.hiss))
        case .meter:
            sample.add(
                .meterFlow,
                WaterPattern.meter(busy: device.size, key: device.key, at: moment, running: effect.running))
        case .wet:
            sample.add(.wetness, effect.isWet || isRainedOn(device, at: moment) ? 1 : 0)
        case .traffic:
            let state = trafficPattern(device).state(at: moment, congestion: effect.congestion)
            sample.add(.speed, state.speed)
            sample.add(.occupancy, state.occupancy)
            sample.add(.vehicleFlow, state.flow)
        case .recorded:
            addRecorded(device, at: moment, to: &sample)
        case .bin:
            addBin(device, at: moment, effect: effect, to: &sample)
        }
        return sample
    }

    /// Chambers by the roadside, one in four, take in some rain: an hour or three at a time, once or twice a week.
    private func isRainedOn(_ device: CityDevice, at moment: LocalMoment) -> Bool {
        guard device.key % 4 == 0 else { return false }
        return SeededHash.unit(SeededHash.key(seed, 2), floorDivide(moment.atMs, 10_800_000)) < 0.03
    }

    private func trafficPattern(_ device: CityDevice) -> TrafficPattern {
        let corridorKey = SeededHash.key(seed, -1 - Int64(device.group))
        let capacity = 800 + 800 * SeededHash.unit(corridorKey, 8)
        return TrafficPattern(freeSpeed: device.size, capacity: capacity, corridorKey: corridorKey, key: device.key)
    }

    private func addRecorded(_ device: CityDevice, at moment: LocalMoment, to sample: inout CitySample) {
        let series = recorded[Int(device.rank)]
        guard series.covers(weekday: moment.weekday) else {
            // Only counts can be made up in the recording's own size: PeMS has no weekends here.
            guard series.quantities == [.vehicleFlow] else { return }
            let standIn = TrafficPattern(
                freeSpeed: device.size, capacity: series.mean * 2.2, corridorKey: device.key, key: device.key ^ 1)
            return sample.add(.vehicleFlow, standIn.state(at: moment).flow)
        }
        for (index, quantity) in series.quantities.enumerated() {
            guard let value = series.value(index, station: Int(device.group), at: moment) else { continue }
            sample.add(quantity, value)
        }
    }

    private func addBin(_ device: CityDevice, at moment: LocalMoment, effect: CityEffect, to sample: inout CitySample) {
        let bin = binPattern(device)
        if effect.isTilted {
            // On its side the sensor looks along the lid: near full, and restless.
            sample.add(.fill, (82 + 6 * bin.echo(at: moment)).clamped(to: 0...100).rounded())
        } else if let filling = effect.filling {
            sample.add(
                .fill,
                (fill(of: bin, filling, atMs: moment.atMs) + bin.echo(at: moment)).clamped(to: 0...100)
                    .rounded())
        } else {
            let emptied = effect.emptiedAtMs.map { self.moment(atMs: $0).localS } ?? .min
            sample.add(.fill, bin.fill(at: moment, emptied: emptied))
        }
        let ordinary = BinPattern.temperature(mean: 11, key: device.key, at: moment)
        sample.add(.temperature, effect.isBurning ? (74 + 5 * bin.echo(at: moment)).rounded(decimals: 1) : ordinary)
        if Self.hasTiltSwitch(device) { sample.add(.tilt, effect.isTilted ? 1 : 0) }
    }

    /// Every fourth bin carries a device that also reports its position.
    static func hasTiltSwitch(_ device: CityDevice) -> Bool { device.key % 4 == 0 }

    /// In a straight line from what it held when the event began, through 85 %, to the brim.
    private func fill(of bin: BinPattern, _ filling: (fromMs: Int64, fullAtMs: Int64), atMs: Int64) -> Double {
        let start = bin.level(atLocalS: moment(atMs: filling.fromMs).localS)
        let share = Double(atMs - filling.fromMs) / Double(filling.fullAtMs - filling.fromMs)
        return min(100, start + (85 - start) * share)
    }

    func binPattern(_ device: CityDevice) -> BinPattern {
        let periods: [Int64] = [3, 4, 5, 7]
        let wardKey = SeededHash.key(seed, -100_000 - Int64(device.ward))
        let period = periods[Int(SeededHash.hash(wardKey, 0) % 4)]
        return BinPattern(
            key: device.key, periodDays: period, weekdayPhase: Int64(SeededHash.hash(wardKey, 1) % UInt64(period)),
            full: device.size)
    }
}
