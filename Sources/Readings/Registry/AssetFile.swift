/// A list of assets as people keep it: CSV, or GeoJSON points.
///
/// CSV: columns named by the first row, in any order: `id`, `kind`, `lat` and `lon` are required; `name`, `address` and
/// `ward` are read where they are there and not empty; any other is a problem, since it is most likely a misspelt one.
/// GeoJSON (RFC 7946): a collection of points, with the same names under `properties`; others there are passed over, and a
/// feature's own `id` stands in for `properties.id`.
public struct AssetFile: Sendable, Equatable {
    /// The rows without a problem, in the file's order.
    public private(set) var assets: [Asset] = []
    /// Everything that is wrong: by line in CSV, by the feature's number from 1 in GeoJSON.
    public private(set) var problems: [SensorTable.Problem] = []

    private var places: [String: Int] = [:]

    /// Reads either: a file that begins with a brace is JSON. Never fails as a whole.
    public init(_ text: borrowing Span<UInt8>) {
        if SensorTable.isJSON(text) {
            readGeoJSON(text)
        } else {
            readCSV(text)
        }
        problems.sort { $0.line < $1.line }
    }

    /// The names of fields, as both formats have them.
    private enum Column: String, CaseIterable {
        case id, kind, lat, lon, name, address, ward

        static let required: [Column] = [.id, .kind, .lat, .lon]
    }

    // MARK: - CSV

    private mutating func readCSV(_ text: borrowing Span<UInt8>) {
        let file = CSVRecords(text)
        problems = file.problems
        guard let header = file.records.first else {
            reject(1, "must name the columns, at least id, kind, lat and lon; the file is empty")
            return
        }
        guard let columns = columns(header) else { return }
        let broken = Set(file.problems.map(\.line))
        for record in file.records.dropFirst() where !broken.contains(record.line) {
            guard record.fields.count == columns.count else {
                reject(record.line, "must have \(columns.count) fields, has \(record.fields.count)")
                continue
            }
            var values: [Column: String] = [:]
            for (column, field) in zip(columns, record.fields) where !field.isEmpty { values[column] = field }
            let degrees = { (column: Column) -> Double? in
                let bytes = Array((values[column] ?? "").utf8)
                return DecimalText.parse(bytes.span)
            }
            add(
                record.line, values, latitude: degrees(.lat), longitude: degrees(.lon),
                foundPosition: "\(values[.lat] ?? "nothing"), \(values[.lon] ?? "nothing")")
        }
    }

    private mutating func columns(_ header: CSVRecords.Record) -> [Column]? {
        let before = problems.count
        var columns: [Column] = []
        for name in header.fields {
            guard let column = Column(rawValue: name) else {
                let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
                reject(header.line, "has the unknown column \"\(name)\"; known are \(known)")
                continue
            }
            if columns.contains(column) { reject(header.line, "names the column \(name) twice") }
            columns.append(column)
        }
        for required in Column.required where !columns.contains(required) {
            reject(header.line, "must name the column \(required.rawValue)")
        }
        return problems.count == before ? columns : nil
    }

    // MARK: - GeoJSON

    private mutating func readGeoJSON(_ text: borrowing Span<UInt8>) {
        guard let root = JSONTree(text) else { return reject(1, "must be JSON, nested at most 16 deep") }
        guard root["type"]?.string == "FeatureCollection", let features = root["features"]?.elements else {
            return reject(1, "must be a FeatureCollection with features")
        }
        for (index, feature) in features.enumerated() {
            var values: [Column: String] = [:]
            for column in Column.allCases { values[column] = feature["properties"]?[column.rawValue]?.text }
            values[.id] = values[.id] ?? feature["id"]?.text
            let point = feature["geometry"]?["coordinates"]?.elements ?? []
            let isPoint = feature["geometry"]?["type"]?.string == "Point" && point.count >= 2
            add(
                index + 1, values, latitude: isPoint ? point[1].number : nil,
                longitude: isPoint ? point[0].number : nil,
                foundPosition: isPoint ? "something else" : "no point")
        }
    }

    // MARK: - One asset

    private mutating func add(
        _ line: Int, _ values: [Column: String], latitude: Double?, longitude: Double?, foundPosition: String
    ) {
        let before = problems.count
        let (id, kind) = (values[.id] ?? "", values[.kind] ?? "")
        if let problem = Sensor.problem(withID: id.utf8) { reject(line, "id: \(problem)") }
        if !Self.isKind(kind) { reject(line, "kind: must be 1–64 of a–z, 0–9 and -, found \"\(kind)\"") }
        let position = (latitude, longitude)
        if case (let latitude?, let longitude?) = position, latitude.magnitude <= 90, longitude.magnitude <= 180 {
            if let first = places[id] {
                reject(line, "id: \(id) is already on line \(first)")
            } else if problems.count == before {
                var asset = Asset(id: id, kind: kind, latitude: latitude, longitude: longitude)
                (asset.name, asset.address, asset.ward) = (values[.name], values[.address], values[.ward])
                assets.append(asset)
            }
        } else {
            reject(line, "lat and lon: must be degrees up to 90 and 180, found \(foundPosition)")
        }
        if places[id] == nil { places[id] = line }
    }

    private mutating func reject(_ line: Int, _ text: String) { problems.append(.init(line: line, text: text)) }

    private static func isKind(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// Assets as CSV with LF, with every column that is read.
    public static func csv(_ assets: some Sequence<Asset>) -> String {
        var text = CSVRecords.line(Column.allCases.map(\.rawValue)) + "\n"
        for asset in assets {
            text +=
                CSVRecords.line([
                    asset.id, asset.kind, "\(asset.latitude)", "\(asset.longitude)", asset.name ?? "",
                    asset.address ?? "", asset.ward ?? "",
                ]) + "\n"
        }
        return text
    }
}

extension JSONTree {
    /// A string, or a whole number as its digits: ids are often numbers.
    fileprivate var text: String? {
        if let string { return string.isEmpty ? nil : string }
        guard let number, let whole = Int64(exactly: number) else { return nil }
        return String(whole)
    }
}
