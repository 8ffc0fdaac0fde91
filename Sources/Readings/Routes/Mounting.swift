/// How a level sensor sits above what it measures.
public struct Mounting: Sendable, Equatable, BitwiseCopyable {
    /// From the sensor to the bottom of the empty bin, in millimetres.
    public var depthMM: Double
    /// From the sensor to the level that counts as full, in millimetres.
    public var fullMM: Double

    public init(depthMM: Double, fullMM: Double = 0) { (self.depthMM, self.fullMM) = (depthMM, fullMM) }

    /// What is wrong with it, starting with the key.
    public var problem: String? {
        if !(10...100_000).contains(depthMM) { return "depth_mm: must be 10 mm–100 m, found \(depthMM) mm" }
        if !(0..<depthMM).contains(fullMM) {
            return "full_mm: must be less than the depth of \(depthMM) mm, found \(fullMM) mm"
        }
        return nil
    }

    /// The fill level in percent at a distance in metres, or nil for a distance that can't be: nearer than nothing, or
    /// more than a tenth of the depth below the bottom.
    func fill(atDistance metres: Double) -> Double? {
        let distance = metres * 1000
        guard distance >= 0, distance <= depthMM * 1.1 else { return nil }
        return min(100, max(0, (depthMM - distance) / (depthMM - fullMM) * 100))
    }
}

/// The mountings that the registry knows, by sensor id.
public struct Mountings: Sendable {
    private var names: NameTable
    private var mountings: [Mounting] = []

    public init(_ sensors: [Sensor] = []) {
        // The registry is the operator's own: nobody chooses its ids to make lookups slow.
        names = NameTable(seed: (0, 0), capacity: max(16, sensors.count))
        for sensor in sensors {
            guard let mounting = sensor.mounting else { continue }
            names.insert(Array(sensor.id.utf8).span, SensorIndex(rawValue: UInt32(mountings.count)))
            mountings.append(mounting)
        }
    }

    func mounting(of id: borrowing Span<UInt8>) -> Mounting? {
        mountings.isEmpty ? nil : names.index(of: id).map { mountings[$0.int] }
    }
}
