internal import FoundationEssentials
internal import Readings

/// A labelled set: its sensors, and what is known to have happened to them. The readings are a ``Recording``.
public struct LabelledSet: Sendable {
    public let sensors: [LabelledSensor]
    public let labels: [Label]
    private let places: [String: Int]

    /// - Precondition: every label's sensor is a place in `sensors`.
    public init(sensors: [LabelledSensor], labels: [Label]) {
        precondition(labels.allSatisfy { sensors.indices.contains($0.sensor) }, "a label of no sensor")
        self.sensors = sensors
        self.labels = labels
        places = Dictionary(sensors.enumerated().map { ($1.sensor.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads `sensors.csv` (a registry with the columns `group`, `eval_from` and `eval_to`) and `labels.json`.
    ///
    /// Labels of sensors that the registry does not name are passed over.
    /// - Throws: ``SetError`` with everything that is wrong in one of the two.
    public init(sensorsCSV: borrowing Span<UInt8>, labelsJSON: [UInt8]) throws(SetError) {
        let sensors = try Self.readSensors(sensorsCSV)
        let document: LabelDocument
        do {
            document = try JSONDecoder().decode(LabelDocument.self, from: Data(labelsJSON))
        } catch {
            throw SetError(file: "labels.json", problems: ["must be {\"labels\":[…]}: \(SetError.words(for: error))"])
        }
        let places = Dictionary(
            sensors.enumerated().map { ($1.sensor.id, $0) }, uniquingKeysWith: { first, _ in first })
        var (labels, problems) = ([Label](), [String]())
        for (number, row) in document.labels.enumerated() {
            guard let place = places[row.sensor_id] else { continue }
            if let label = row.label(sensor: place, stepMs: sensors[place].stepMs) {
                labels.append(label)
            } else {
                problems.append("label \(number + 1): its times must be RFC 3339, and end no sooner than they start")
            }
        }
        guard problems.isEmpty else { throw SetError(file: "labels.json", problems: problems) }
        self.init(sensors: sensors, labels: labels)
    }

    /// The place of the sensor with this id.
    public func place(ofSensor id: String) -> Int? { places[id] }

    /// The same with the sensors of some groups alone, and their labels.
    public func limited(toGroups prefix: String) -> LabelledSet {
        let kept = sensors.indices.filter { sensors[$0].group.hasPrefix(prefix) }
        let newPlace = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        return LabelledSet(
            sensors: kept.map { sensors[$0] },
            labels: labels.compactMap { label in
                guard let place = newPlace[label.sensor] else { return nil }
                var label = label
                label.sensor = place
                return label
            })
    }
}

/// Why a file of a labelled set can't be used.
public struct SetError: Error, Equatable, CustomStringConvertible {
    public var file: String
    public var problems: [String]

    public init(file: String, problems: [String]) { (self.file, self.problems) = (file, problems) }

    public var description: String { problems.map { "\(file): \($0)" }.joined(separator: "\n") }

    /// The part of a decoder's complaint that a person can act on.
    static func words(for error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .keyNotFound(let key, let found): return "\(path(found.codingPath))\(key.stringValue) is missing"
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found): context = found
        @unknown default: return "\(error)"
        }
        return path(context.codingPath) + context.debugDescription
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "" : keys.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: ".") + ": "
    }
}
