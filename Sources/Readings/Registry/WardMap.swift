/// A city's wards and their outlines: which ward a position lies in, and what a map draws.
public struct WardMap: Sendable, Equatable {
    /// In the file's order.
    public let wards: [Ward]
    /// Who made the outlines, where the file says so: to be shown with them.
    public let attribution: String?

    /// A ward: one or more areas, each with holes or without.
    public struct Ward: Sendable, Equatable {
        public let name: String
        /// The official code, where the file has one.
        public let code: String?
        public let polygons: [Polygon]
        public let bounds: Bounds
    }

    /// Rings are closed: the last position is the first.
    public struct Polygon: Sendable, Equatable {
        public let outline: [Sensor.Position]
        public let holes: [[Sensor.Position]]
    }

    /// The smallest box around something, in degrees. Does not cross the antimeridian.
    public struct Bounds: Sendable, Equatable, BitwiseCopyable {
        public var south, west, north, east: Double

        public func contains(_ position: Sensor.Position) -> Bool {
            position.latitude >= south && position.latitude <= north && position.longitude >= west
                && position.longitude <= east
        }

        public var center: Sensor.Position {
            .init(latitude: (south + north) / 2, longitude: (west + east) / 2)
        }

        /// Around all positions; nil for none.
        init?(_ positions: some Sequence<Sensor.Position>) {
            var bounds: Bounds?
            for position in positions { bounds = Bounds(bounds, position) }
            guard let bounds else { return nil }
            self = bounds
        }

        private init(_ old: Bounds?, _ position: Sensor.Position) {
            south = min(old?.south ?? position.latitude, position.latitude)
            north = max(old?.north ?? position.latitude, position.latitude)
            west = min(old?.west ?? position.longitude, position.longitude)
            east = max(old?.east ?? position.longitude, position.longitude)
        }
    }

    init(wards: [Ward], attribution: String?) { (self.wards, self.attribution) = (wards, attribution) }

    public var names: [String] { wards.map(\.name) }

    /// Around all wards; nil if there are none.
    public var bounds: Bounds? {
        Bounds(wards.flatMap { [$0.bounds.southWest, $0.bounds.northEast] })
    }

    /// The name of the ward that holds the position, or nil. On a border it is one of the neighbours, always the same.
    ///
    /// - Complexity: O(wards), and the outlines whose box holds the position.
    public func ward(at position: Sensor.Position) -> String? { wards.first { $0.contains(position) }?.name }
}

extension WardMap.Bounds {
    var southWest: Sensor.Position { .init(latitude: south, longitude: west) }
    var northEast: Sensor.Position { .init(latitude: north, longitude: east) }
}

extension WardMap.Ward {
    public func contains(_ position: Sensor.Position) -> Bool {
        guard bounds.contains(position) else { return false }
        return polygons.contains { polygon in
            WardMap.crossings(of: polygon.outline, eastOf: position)
                && !polygon.holes.contains { WardMap.crossings(of: $0, eastOf: position) }
        }
    }
}

extension WardMap {
    /// Whether a ray to the east crosses the ring an odd number of times: whether the position is inside.
    /// Each edge owns its southern end only, so that a corner counts once.
    fileprivate static func crossings(of ring: [Sensor.Position], eastOf position: Sensor.Position) -> Bool {
        var isInside = false
        for (a, b) in zip(ring, ring.dropFirst())
        where (a.latitude > position.latitude) != (b.latitude > position.latitude) {
            let along = (position.latitude - a.latitude) / (b.latitude - a.latitude)
            if position.longitude < a.longitude + along * (b.longitude - a.longitude) { isInside.toggle() }
        }
        return isInside
    }
}
