import Glibc
internal import Open311

extension GeoBox {
    /// The SQL for being inside.
    var condition: (sql: String, arguments: [Double]) {
        let sides = west <= east ? "longitude BETWEEN ? AND ?" : "(longitude >= ? OR longitude <= ?)"
        return ("latitude BETWEEN ? AND ? AND \(sides)", [south, north, west, east])
    }
}

extension GeoCircle {
    /// The SQL for being inside: a box, so that an index can serve, and in it the distance.
    ///
    /// On a sphere that is flat around the centre: at 100 km from it less than 1 % off, at 1 km nothing.
    var condition: (sql: String, arguments: [Double]) {
        let degreesLatitude = radiusM / Self.metresPerDegree
        let shrinking = max(cos(latitude * .pi / 180), 1e-6)
        let degreesLongitude = degreesLatitude / shrinking
        let box =
            degreesLongitude >= 180
            ? GeoBox(west: -180, south: latitude - degreesLatitude, east: 180, north: latitude + degreesLatitude)
            : GeoBox(
                west: Self.wrapped(longitude - degreesLongitude), south: latitude - degreesLatitude,
                east: Self.wrapped(longitude + degreesLongitude), north: latitude + degreesLatitude)
        let inside = box.condition
        let east = "min(abs(longitude - ?), 360 - abs(longitude - ?)) * ?"
        let north = "(latitude - ?)"
        return (
            "\(inside.sql) AND \(north) * \(north) + (\(east)) * (\(east)) <= ?",
            inside.arguments + [latitude, latitude]
                + [longitude, longitude, shrinking, longitude, longitude, shrinking]
                + [degreesLatitude * degreesLatitude]
        )
    }

    private static let metresPerDegree = 6_371_000 * Double.pi / 180

    private static func wrapped(_ longitude: Double) -> Double {
        longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude
    }
}
