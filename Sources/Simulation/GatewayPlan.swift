import Readings

/// Gives each radio gateway the devices near it.
enum GatewayPlan {
    /// Walks the city along a Hilbert curve, on which near means near on the map, and cuts the walk into equal parts.
    ///
    /// - Returns: the devices in the order of that walk.
    static func assign(_ devices: inout [CityDevice], perGateway: Int) -> [Int32] {
        let south = devices.lazy.map(\.position.latitude).min() ?? 0
        let west = devices.lazy.map(\.position.longitude).min() ?? 0
        let walk = devices.indices
            .map { (place: hilbert(devices[$0].position, south: south, west: west), device: Int32($0)) }
            .sorted { ($0.place, $0.device) < ($1.place, $1.device) }
            .map(\.device)
        for (place, device) in walk.enumerated() { devices[Int(device)].gateway = Int32(place / perGateway) }
        return walk
    }

    /// Distance along a Hilbert curve of order 16 over 1° × 1°, in cells of about 2 m.
    /// - Source: Wikipedia, "Hilbert curve", xy2d.
    private static func hilbert(_ position: Sensor.Position, south: Double, west: Double) -> UInt32 {
        func cell(_ degrees: Double) -> UInt32 { UInt32(degrees.clamped(to: 0...1) * 65_535) }
        var (x, y) = (cell(position.longitude - west), cell(position.latitude - south))
        var distance: UInt32 = 0
        var side: UInt32 = 1 << 15
        while side > 0 {
            let (right, upper) = (x & side > 0, y & side > 0)
            distance += side * side * (right ? (upper ? 2 : 3) : (upper ? 1 : 0))
            if !upper {
                if right { (x, y) = (65_535 - x, 65_535 - y) }
                swap(&x, &y)
            }
            side >>= 1
        }
        return distance
    }
}
