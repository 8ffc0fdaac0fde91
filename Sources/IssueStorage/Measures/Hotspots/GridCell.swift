internal import Glibc

/// A cell of a fixed grid over the earth, some 550 m high and about as wide.
///
/// Rows are 0.005° of latitude; each row is cut into as many equal cells as keep them square in its middle. Fixed, so that
/// a cell is the same place in every answer.
public struct GridCell: Sendable, Hashable, LosslessStringConvertible {
    /// Counted from the south pole, and from 180° west.
    public var row, column: Int

    private static let height = 0.005
    private static let rows = Int(180 / height)

    /// nil when either is missing, or not on the globe.
    package init?(latitude: Double?, longitude: Double?) {
        guard let latitude, let longitude, (-90...90).contains(latitude), (-180...180).contains(longitude)
        else { return nil }
        row = min(Self.rows - 1, Int((latitude + 90) / Self.height))
        let columns = Self.columns(inRow: row)
        column = min(columns - 1, Int((longitude + 180) / 360 * Double(columns)))
    }

    /// `row,column`
    public init?(_ description: String) {
        let parts = description.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let row = parts[0], let column = parts[1], (0..<Self.rows).contains(row),
            (0..<Self.columns(inRow: row)).contains(column)
        else { return nil }
        (self.row, self.column) = (row, column)
    }

    public var description: String { "\(row),\(column)" }

    /// In degrees.
    public var box: (west: Double, south: Double, east: Double, north: Double) {
        let width = 360 / Double(Self.columns(inRow: row))
        return (
            Double(column) * width - 180, Double(row) * Self.height - 90, Double(column + 1) * width - 180,
            Double(row + 1) * Self.height - 90
        )
    }

    /// In degrees.
    public var center: (latitude: Double, longitude: Double) {
        let box = box
        return ((box.south + box.north) / 2, (box.west + box.east) / 2)
    }

    /// The cell and those around it, seven or eight but at the poles. Rows are not cut alike, so these are the cells in which the
    /// points lie that are one cell's size off its middle.
    package var neighbourhood: [GridCell] {
        let (box, center) = (box, center)
        let (height, width) = (box.north - box.south, box.east - box.west)
        var cells: [GridCell] = []
        for north in -1...1 {
            for east in -1...1 {
                var longitude = center.longitude + Double(east) * width
                if longitude > 180 { longitude -= 360 }
                if longitude < -180 { longitude += 360 }
                let cell = GridCell(latitude: center.latitude + Double(north) * height, longitude: longitude)
                if let cell, !cells.contains(cell) { cells.append(cell) }
            }
        }
        return cells
    }

    private static func columns(inRow row: Int) -> Int {
        let middle = (Double(row) + 0.5) * height - 90
        return max(1, Int(360 / height * cos(middle * .pi / 180)))
    }
}
