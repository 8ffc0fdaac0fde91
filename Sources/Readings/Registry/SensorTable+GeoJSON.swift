extension SensorTable {
    /// Reads a GeoJSON feature collection of points (RFC 7946), each with the columns' names under `properties`; others there
    /// are passed over. A feature's own `id` stands in for `properties.sensor_id`, a feature without a geometry is a sensor
    /// without a position. Never fails as a whole.
    public init(geoJSON text: borrowing Span<UInt8>) {
        self.init()
        guard let root = JSONTree(text) else {
            problems = [Problem(line: 1, text: "must be JSON, nested at most 16 deep")]
            return
        }
        guard root["type"]?.string == "FeatureCollection", let features = root["features"]?.elements else {
            problems = [Problem(line: 1, text: "must be a FeatureCollection with features")]
            return
        }
        isGeoJSON = true
        for (number, feature) in features.enumerated() {
            var row = SensorRow(line: number + 1, isFeature: true)
            row.take(feature)
            if let sensor = row.finish() {
                if let first = places[sensor.id] {
                    row.reject("sensor_id: \(sensor.id) is already feature \(first)")
                } else {
                    places[sensor.id] = number + 1
                    sensors.append(sensor)
                }
            }
            problems += row.problems
        }
    }
}

extension SensorRow {
    fileprivate mutating func take(_ feature: JSONTree) {
        let properties = feature["properties"]
        for column in SensorTable.Column.allCases where column != .lat && column != .lon {
            let value = properties?[column.rawValue] ?? (column == .id ? feature["id"] : nil)
            guard let value, let text = value.fieldText else { continue }
            if !text.isEmpty { take(text, as: column) }
        }
        guard let geometry = feature["geometry"], geometry["type"] != nil else { return }
        let point = geometry["coordinates"]?.elements ?? []
        guard geometry["type"]?.string == "Point", point.count >= 2, let longitude = point[0].number,
            let latitude = point[1].number
        else { return reject("geometry: must be a Point of longitude and latitude") }
        take("\(latitude)", as: .lat)
        take("\(longitude)", as: .lon)
    }
}

extension JSONTree {
    /// As a cell of a table would have it; nil for what none can have. A list is its items with a space between.
    fileprivate var fieldText: String? {
        if let string { return string }
        if let number { return Int64(exactly: number).map { "\($0)" } ?? "\(number)" }
        return elements.map { $0.compactMap(\.fieldText).joined(separator: " ") }
    }
}
