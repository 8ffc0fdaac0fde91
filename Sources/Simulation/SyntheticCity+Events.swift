extension SyntheticCity {
    /// The sensors that an event touches, in order.
    public func sensors(touchedBy event: CityEvent) -> [Int] {
        switch event.kind {
        case .mainLeaks(let zone, _, _):
            [DeviceSort.flow, .pressure, .noise].flatMap { sort in
                range(of: sort).filter { Int(devices[$0].group) == zone }
            }
        case .congestion(_, let stations, _): Array(stations)
        case .gatewayDies(let gateway): sensors(ofGateway: gateway)
        case .binFills(let sensor, _), .binBurns(let sensor), .binTilts(let sensor), .stuck(let sensor),
            .silent(let sensor), .meterRuns(let sensor, _), .chamberFloods(let sensor),
            .loggerHearsLeak(let sensor, _), .losesReadings(let sensor, _):
            [sensor]
        }
    }

    /// One line for the terminal: `+00:20 a main bursts in Aston: 45 % above the zone's inflow`.
    public func summary(_ event: CityEvent) -> String {
        "\(Self.clock(event.startMs - script.liveStartMs)) \(sentence(event))"
    }

    /// What happens, in words.
    private func sentence(_ event: CityEvent) -> String {
        switch event.kind {
        case .mainLeaks(let zone, let share, let growsForMs):
            let ward = wardName(of: range(of: .flow).lowerBound + zone)
            let percent = Int((share * 100).rounded())
            return growsForMs == 0
                ? "a main bursts in \(ward): \(percent) % above the zone's inflow"
                : "a leak begins to grow in \(ward), to \(percent) % of the zone's inflow in "
                    + "\(growsForMs / 3_600_000) hours"
        case .congestion(let corridor, let stations, _):
            return "traffic queues on \(StreetNames.corridor(corridor)): \(stations.count) stations, for "
                + Self.length(event)
        case .binFills(let sensor, let fullAtMs):
            return "\(id(of: sensor)) is not emptied: 85 % at \(Self.clock(fullAtMs - script.liveStartMs)), emptied at "
                + Self.clock(event.endMs - script.liveStartMs)
        case .binBurns(let sensor): return "\(id(of: sensor)) burns"
        case .binTilts(let sensor): return "\(id(of: sensor)) is knocked over"
        case .stuck(let sensor): return "\(id(of: sensor)) repeats one value"
        case .silent(let sensor): return "\(id(of: sensor)) goes silent for \(Self.length(event))"
        case .gatewayDies(let gateway):
            return
                "gateway \(gatewayName(gateway)) dies and takes \(sensors(ofGateway: gateway).count) sensors with it, "
                + "for \(Self.length(event))"
        case .meterRuns(let sensor, let litresPerHour):
            return "\(id(of: sensor)) never rests: \(Int(litresPerHour)) L/h day and night"
        case .chamberFloods(let sensor): return "\(id(of: sensor)) stands in water"
        case .loggerHearsLeak(let sensor, let hiss):
            return "\(id(of: sensor)) hears a leak, \(Int(hiss)) dB above the night"
        case .losesReadings(let sensor, let share):
            return "\(id(of: sensor)) loses \(Int((share * 100).rounded())) % of its readings"
        }
    }

    /// `+00:20`, `-26:00`: hours and minutes from the start of live time.
    private static func clock(_ ms: Int64) -> String {
        let minutes = ms.magnitude / 60_000
        var text: [UInt8] = [ms < 0 ? 0x2D : 0x2B]
        text.appendDecimal(Int64(minutes / 60), atLeast: 2)
        text.append(0x3A)
        text.appendDecimal(Int64(minutes % 60), atLeast: 2)
        return String(decoding: text, as: UTF8.self)
    }

    /// `3 h`, `1 h 40 min`, `45 min`.
    private static func length(_ event: CityEvent) -> String {
        let (hours, minutes) = ((event.endMs - event.startMs) / 60_000).quotientAndRemainder(dividingBy: 60)
        if hours == 0 { return "\(minutes) min" }
        return minutes == 0 ? "\(hours) h" : "\(hours) h \(minutes) min"
    }
}
