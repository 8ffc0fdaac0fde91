/// A part of the globe between two meridians and two parallels, in WGS 84 degrees. It may cross the 180th meridian:
/// then ``west`` is greater than ``east``.
public struct GeoBox: Sendable, Equatable {
    public var west, south, east, north: Double

    public init(west: Double, south: Double, east: Double, north: Double) {
        (self.west, self.south, self.east, self.north) = (west, south, east, north)
    }
}

/// All that lies within a distance of a point.
public struct GeoCircle: Sendable, Equatable {
    /// WGS 84 degrees.
    public var latitude, longitude: Double
    public var radiusM: Double

    public init(latitude: Double, longitude: Double, radiusM: Double) {
        (self.latitude, self.longitude, self.radiusM) = (latitude, longitude, radiusM)
    }
}
