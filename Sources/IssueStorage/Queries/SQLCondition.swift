internal import GRDB
internal import Glibc
internal import Open311

/// Conditions joined by AND, with their arguments.
struct SQLCondition {
    private var clauses: [String] = []
    private(set) var arguments = StatementArguments()

    var sql: String { clauses.isEmpty ? "TRUE" : clauses.joined(separator: " AND ") }

    mutating func add(_ clause: String, _ values: StatementArguments) {
        clauses.append(clause)
        arguments += values
    }

    mutating func add(_ clause: String, ifAny value: (some DatabaseValueConvertible)?) {
        if let value { add(clause, [value]) }
    }

    mutating func isIn(_ column: String, _ values: [some DatabaseValueConvertible]?) {
        guard let values else { return }
        add("\(column) IN (\(Self.marks(values.count)))", StatementArguments(values))
    }

    /// As ``isIn(_:_:)``, for rows that are wanted in another order than the column's: with several values no index by it gives
    /// that order, so the plus keeps SQLite from using one.
    mutating func oneOf(_ column: String, _ values: [some DatabaseValueConvertible]?) {
        isIn((values?.count ?? 0) > 1 ? "+" + column : column, values)
    }

    /// `?, ?, ?`: places for so many values.
    static func marks(_ count: Int) -> String { repeatElement("?", count: count).joined(separator: ", ") }

    /// - Parameter byPlace: whether rows are to be found by where they are; else the plus keeps SQLite from using the index.
    mutating func inside(_ box: GeoBox, byPlace: Bool) {
        add("\(byPlace ? "" : "+")latitude BETWEEN ? AND ?", [box.south, box.north])
        between(box.west, box.east)
    }

    private mutating func between(_ west: Double, _ east: Double) {
        // Where the west is east of the east, the 180th meridian lies between.
        let isWrapped = west > east
        add(isWrapped ? "(longitude >= ? OR longitude <= ?)" : "longitude BETWEEN ? AND ?", [west, east])
    }

    private static func wrapped(_ longitude: Double) -> Double {
        longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude
    }

    /// By the haversine formula on a sphere of the earth's mean radius: within 0.6 % of the ellipsoid.
    ///
    /// - Source: Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
    /// - Parameter byPlace: as in ``inside(_:byPlace:)``.
    mutating func near(_ circle: GeoCircle, byPlace: Bool) {
        let angle = circle.radiusM / Self.earthRadiusM
        let reach = angle * 180 / .pi
        // What is far off is seen by its latitude, and away from the poles by its longitude, without a sine.
        add(
            "\(byPlace ? "" : "+")latitude BETWEEN ? AND ?", [circle.latitude - reach, circle.latitude + reach])
        let narrowing = sin(min(angle, .pi / 2)) / cos(circle.latitude * .pi / 180)
        if abs(circle.latitude) + reach < 90, narrowing < 1 {
            let width = asin(narrowing) * 180 / .pi
            between(Self.wrapped(circle.longitude - width), Self.wrapped(circle.longitude + width))
        }
        add(
            """
            asin(min(1.0, sqrt(pow(sin(radians(latitude - ?) / 2), 2)
                + cos(radians(?)) * cos(radians(latitude)) * pow(sin(radians(longitude - ?) / 2), 2)))) <= ?
            """, [circle.latitude, circle.latitude, circle.longitude, angle / 2])
    }

    private static let earthRadiusM = 6_371_008.8
}
