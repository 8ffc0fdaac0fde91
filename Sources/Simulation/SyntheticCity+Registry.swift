public import Readings

extension SyntheticCity {
    /// The registry's entries, in the order of the sensors' indexes.
    ///
    /// - Complexity: O(sensors); each entry is made anew, with its strings. For a million sensors take ``sensor(_:)``.
    public var sensors: [Sensor] { devices.indices.map { sensor($0) } }

    /// The registry's entry of one sensor. Street and asset are invented, in words that sound like a city.
    public func sensor(_ index: Int) -> Sensor {
        let device = devices[index]
        var sensor = Sensor(id: id(of: index), kind: device.sort.kind)
        let ward = ground.names[Int(device.ward)]
        sensor.position = device.position
        sensor.ward = ward
        sensor.zone = zoneName(of: device)
        sensor.gateway = gatewayName(Int(device.gateway))
        sensor.address = "\(street(of: device)), \(ward)"
        sensor.asset = asset(of: device)
        // A recording from the road has gaps of up to three hours; the city's own devices have none.
        sensor.expectedIntervalS = hasGaps(device) ? 5400 : Int(device.sort.intervalS)
        sensor.timeZone = "Europe/London"
        return sensor
    }

    /// The sensor's id: what it measures, where, and a number, like `bin-sparkbrook-07`.
    public func id(of index: Int) -> String {
        var bytes: [UInt8] = []
        appendID(of: index, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func appendID(of index: Int, to bytes: inout [UInt8]) {
        let device = devices[index]
        bytes.append(device.sort.prefix)
        bytes.append(0x2D)
        bytes.append(contentsOf: ground.slugs[Int(device.ward)])
        bytes.append(0x2D)
        let digits = device.sort == .bin ? 2 : 1
        bytes.appendDecimal(Int64(device.number), atLeast: digits)
    }

    /// The registry's zone: the water zone or the corridor, or nil where neighbours have nothing in common.
    private func zoneName(of device: CityDevice) -> String? {
        switch device.sort {
        case .flow, .pressure, .noise, .meter, .wet: waterZoneName(Int(device.group))
        case .traffic: StreetNames.corridor(Int(device.group))
        case .recorded, .bin: nil
        }
    }

    /// `Aston`; where a ward has several zones the later ones are numbered.
    func waterZoneName(_ zone: Int) -> String {
        let ward = ground.names[Int(devices[range(of: .flow)][zone].ward)]
        let round = zone / ground.count
        return round == 0 ? ward : "\(ward) \(round + 1)"
    }

    /// `gw-07`.
    func gatewayName(_ gateway: Int) -> String { gateway < 9 ? "gw-0\(gateway + 1)" : "gw-\(gateway + 1)" }

    func wardName(of sensor: Int) -> String { ground.names[Int(devices[sensor].ward)] }

    private func street(of device: CityDevice) -> String {
        if device.sort == .traffic { return StreetNames.corridor(Int(device.group)) }
        return "\(1 + SeededHash.hash(device.key, 3) % 180) \(StreetNames.street(device.key))"
    }

    private func asset(of device: CityDevice) -> String {
        let number = 100 + SeededHash.hash(device.key, 4) % 900
        switch device.sort {
        case .flow: return "inlet meter \(number) of zone \(waterZoneName(Int(device.group)))"
        case .pressure: return "hydrant H-\(number)"
        case .noise: return "main M-\(number)"
        case .meter: return "water meter of \(StreetNames.building(device.key))"
        case .wet: return "valve chamber V-\(number)"
        case .traffic: return "\(StreetNames.corridor(Int(device.group))), station \(device.rank + 1)"
        case .recorded: return "a station that replays \(recorded[Int(device.rank)].source)"
        case .bin: return number.isMultiple(of: 3) ? "1,100-litre bin \(number)" : "240-litre litter bin \(number)"
        }
    }

    private func hasGaps(_ device: CityDevice) -> Bool {
        device.sort == .recorded && recorded[Int(device.rank)].hasGaps
    }
}
