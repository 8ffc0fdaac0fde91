/// The sensor registry, as CSV: one sensor a row, columns named by the first row, in any order; or as GeoJSON points
/// (RFC 7946) with the same names under `properties`.
///
/// `sensor_id` and `kind` are required. `lat`, `lon`, `zone`, `tz`, `step_s`, `ward`, `gateway`, `address`, `asset`, `site`,
/// `owner`, `neighbours` (ids with a space between), `sensitivity`, `depth_mm` and `full_mm` (a bin sensor's ``Mounting``) are
/// read where they are there and not empty. `step_s` is how often the sensor is expected to be heard, in seconds between two of
/// its messages by our clock: three of them unheard, and at least a quarter of an hour, are its silence. `group`, `metrics`, `eval_from`, `eval_to` and `attrs` belong to
/// labelled data sets and are passed over; any other column is a problem, since it is most likely a misspelt one.
public struct SensorTable: Sendable, Equatable {
    /// The rows without a problem, in the file's order.
    public var sensors: [Sensor]
    /// Everything that is wrong, by line.
    public var problems: [Problem]
    /// Where each sensor stands, by its id: its line, or its feature's number.
    var places: [String: Int] = [:]
    var isGeoJSON = false

    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        /// From 1, which is the line of the column names; in GeoJSON the feature's number.
        public var line: Int
        public var text: String
        /// Whether ``line`` counts features.
        public var isFeature: Bool

        public init(line: Int, text: String, isFeature: Bool = false) {
            (self.line, self.text, self.isFeature) = (line, text, isFeature)
        }

        public var description: String { "\(isFeature ? "feature" : "line") \(line): \(text)" }
    }

    public init(sensors: [Sensor] = []) {
        self.sensors = sensors
        problems = []
    }

    /// Reads either format: a file that begins with a brace is GeoJSON.
    public init(_ text: borrowing Span<UInt8>) {
        if Self.isJSON(text) { self.init(geoJSON: text) } else { self.init(csv: text) }
    }

    /// Whether a file is JSON rather than CSV, by its first byte that is neither blank nor of a byte order mark.
    static func isJSON(_ text: borrowing Span<UInt8>) -> Bool {
        var start = 0
        while start < text.count, [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains(text[start]) { start += 1 }
        return start < text.count && text[start] == UInt8(ascii: "{")
    }

    /// Reads a registry. Never fails as a whole: what could be read is in ``sensors``, what could not in ``problems``.
    public init(csv text: borrowing Span<UInt8>) {
        let file = CSVRecords(text)
        sensors = []
        problems = file.problems
        guard let header = file.records.first else {
            problems.append(
                Problem(line: 1, text: "must name the columns, at least sensor_id and kind; the file is empty"))
            return
        }
        let columns = readHeader(header)
        if problems.contains(where: { $0.line == header.line }) { return }
        var lines: [String: Int] = [:]
        let broken = Set(file.problems.map(\.line))
        for record in file.records.dropFirst() {
            if record.fields.count != columns.count {
                problems.append(
                    Problem(line: record.line, text: "must have \(columns.count) fields, has \(record.fields.count)"))
                continue
            }
            var row = SensorRow(line: record.line)
            for (column, field) in zip(columns, record.fields) where !field.isEmpty { row.take(field, as: column) }
            if let sensor = row.finish() {
                if let first = lines.updateValue(record.line, forKey: sensor.id) {
                    lines[sensor.id] = first
                    row.reject("sensor_id: \(sensor.id) is already on line \(first)")
                } else if !broken.contains(record.line) {
                    sensors.append(sensor)
                }
            }
            problems += row.problems
        }
        places = lines
        problems.sort { $0.line < $1.line }
    }

    private mutating func readHeader(_ header: CSVRecords.Record) -> [Column] {
        var columns: [Column] = []
        // What spreadsheets write where the comma is the decimal point.
        if header.fields.count == 1, let found = [";", "\t"].first(where: header.fields[0].contains) {
            let names = found == ";" ? "semicolons" : "tabs"
            problems.append(
                Problem(line: header.line, text: "has \(names) between its columns; save it with commas between them"))
            return []
        }
        if !header.fields.contains(where: { Column(rawValue: $0) != nil }) {
            let found = String(header.fields.joined(separator: ",").prefix(60))
            problems.append(
                Problem(
                    line: header.line,
                    text: "must name the columns of a registry, at least sensor_id and kind, found \"\(found)\""))
            return []
        }
        for name in header.fields {
            guard let column = Column(rawValue: name) else {
                let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append(
                    Problem(line: header.line, text: "has the unknown column \"\(name)\"; known are \(known)"))
                continue
            }
            if columns.contains(column) {
                problems.append(Problem(line: header.line, text: "names the column \(name) twice"))
            }
            columns.append(column)
        }
        for required in [Column.id, .kind] where !columns.contains(required) {
            problems.append(Problem(line: header.line, text: "must name the column \(required.rawValue)"))
        }
        return columns
    }

    enum Column: String, CaseIterable {
        case id = "sensor_id"
        case kind, group, lat, lon, zone
        case timeZone = "tz"
        case step = "step_s"
        case metrics
        case evaluateFrom = "eval_from"
        case evaluateTo = "eval_to"
        case attributes = "attrs"
        case ward, gateway, address, asset, site, owner, neighbours, sensitivity
        case depth = "depth_mm"
        case full = "full_mm"
    }

    /// The registry as CSV with LF, with every column that ``init(csv:)`` reads.
    public var csv: String {
        let columns: [Column] = [
            .id, .kind, .lat, .lon, .zone, .timeZone, .step, .ward, .gateway, .address, .asset, .site, .owner,
            .neighbours,
            .sensitivity, .depth, .full,
        ]
        var text = CSVRecords.line(columns.map(\.rawValue)) + "\n"
        for sensor in sensors {
            text +=
                CSVRecords.line([
                    sensor.id, sensor.kind.name, sensor.position.map { "\($0.latitude)" } ?? "",
                    sensor.position.map { "\($0.longitude)" } ?? "", sensor.zone ?? "", sensor.timeZone ?? "",
                    sensor.expectedIntervalS.map { "\($0)" } ?? "", sensor.ward ?? "", sensor.gateway ?? "",
                    sensor.address ?? "", sensor.asset ?? "", sensor.site ?? "", sensor.owner ?? "",
                    sensor.neighbours.joined(separator: " "), sensor.sensitivity.map { "\($0)" } ?? "",
                    sensor.mounting.map { "\($0.depthMM)" } ?? "",
                    sensor.mounting.map { "\($0.fullMM)" } ?? "",
                ]) + "\n"
        }
        return text
    }
}

/// One row of the registry while it is read.
struct SensorRow {
    let line: Int
    let isFeature: Bool
    private(set) var problems: [SensorTable.Problem] = []
    private var sensor = Sensor(id: "", kind: .generic)
    private var kind: SensorKind?
    private var hasKind = false
    private var latitude: Double?
    private var longitude: Double?
    private var hasPosition = (latitude: false, longitude: false)
    private var depthMM: Double?
    private var fullMM: Double?

    init(line: Int, isFeature: Bool = false) { (self.line, self.isFeature) = (line, isFeature) }

    mutating func reject(_ text: String) {
        problems.append(.init(line: line, text: text, isFeature: isFeature))
    }

    mutating func take(_ field: String, as column: SensorTable.Column) {
        switch column {
        case .id: sensor.id = field
        case .kind: takeKind(field)
        case .lat:
            hasPosition.latitude = true
            latitude = degrees(field, upTo: 90, name: "lat")
        case .lon:
            hasPosition.longitude = true
            longitude = degrees(field, upTo: 180, name: "lon")
        case .zone: sensor.zone = field
        case .timeZone: sensor.timeZone = field
        case .step: takeStep(field)
        case .ward: sensor.ward = field
        case .gateway: sensor.gateway = field
        case .address: sensor.address = field
        case .asset: sensor.asset = field
        case .site: sensor.site = field
        case .owner: sensor.owner = field
        case .neighbours: takeNeighbours(field)
        case .sensitivity: takeSensitivity(field)
        case .depth: depthMM = millimetres(field, name: "depth_mm")
        case .full: fullMM = millimetres(field, name: "full_mm")
        case .group, .metrics, .evaluateFrom, .evaluateTo, .attributes: break
        }
    }

    private mutating func takeKind(_ field: String) {
        hasKind = true
        kind = SensorKind(name: field)
        if kind == nil {
            let known = SensorKind.allCases.map(\.name).joined(separator: ", ")
            reject("kind: must be one of \(known), found \"\(field)\"")
        }
    }

    private mutating func takeStep(_ field: String) {
        if let step = Int(field), (1...31_536_000).contains(step) {
            sensor.expectedIntervalS = step
        } else {
            reject("step_s: must be 1–31536000 seconds, found \"\(field)\"")
        }
    }

    private mutating func takeNeighbours(_ field: String) {
        sensor.neighbours = field.split(separator: " ").map(String.init)
        for id in sensor.neighbours {
            if let problem = Sensor.problem(withID: id.utf8) { reject("neighbours: \"\(id)\" \(problem)") }
        }
    }

    private mutating func takeSensitivity(_ field: String) {
        let bytes = Array(field.utf8)
        if let number = DecimalText.parse(bytes.span), number > 0, number <= 1e12 {
            sensor.sensitivity = number
        } else {
            reject("sensitivity: must be a number above 0, found \"\(field)\"")
        }
    }

    private mutating func degrees(_ field: String, upTo limit: Double, name: String) -> Double? {
        let bytes = Array(field.utf8)
        if let degrees = DecimalText.parse(bytes.span), degrees.magnitude <= limit { return degrees }
        reject("\(name): must be −\(Int(limit)) to \(Int(limit)) degrees, found \"\(field)\"")
        return nil
    }

    private mutating func millimetres(_ field: String, name: String) -> Double? {
        let bytes = Array(field.utf8)
        if let number = DecimalText.parse(bytes.span) { return number }
        reject("\(name): must be a number of millimetres, found \"\(field)\"")
        return nil
    }

    private mutating func mount() {
        guard let depthMM else {
            if fullMM != nil { reject("full_mm: needs depth_mm beside it") }
            return
        }
        let mounting = Mounting(depthMM: depthMM, fullMM: fullMM ?? 0)
        if let problem = mounting.problem { reject("depth_mm and full_mm: \(problem)") }
        sensor.mounting = mounting
    }

    /// The sensor, or nil if there were problems.
    mutating func finish() -> Sensor? {
        if let problem = Sensor.problem(withID: sensor.id.utf8) { reject("sensor_id: \(problem)") }
        if !hasKind { reject("kind: must not be empty") }
        if hasPosition.latitude != hasPosition.longitude { reject("lat and lon: must be given together") }
        if let latitude, let longitude { sensor.position = .init(latitude: latitude, longitude: longitude) }
        mount()
        guard problems.isEmpty, let kind else { return nil }
        sensor.kind = kind
        return sensor
    }
}
