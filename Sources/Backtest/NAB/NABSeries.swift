internal import FoundationEssentials
internal import Readings

/// One series of the Numenta Anomaly Benchmark: a `generic` sensor whose readings have no unit.
public struct NABSeries: Sendable {
    /// `realTraffic/speed_6005.csv`.
    public var file: String
    public var timesMs: [Int64]
    public var values: [Double]
    public var windowsMs: [ClosedRange<Int64>]

    public init(file: String, timesMs: [Int64], values: [Double], windowsMs: [ClosedRange<Int64>]) {
        precondition(timesMs.count == values.count, "a value for each time")
        (self.file, self.timesMs, self.values, self.windowsMs) = (file, timesMs, values, windowsMs)
    }

    /// Reads `data/FOLDER/NAME.csv` of the benchmark: `timestamp,value`, times without a zone, which are taken for UTC.
    ///
    /// - Throws: ``SetError`` with the line that can't be read.
    public init(file: String, csv: [UInt8], windowsMs: [ClosedRange<Int64>]) throws(SetError) {
        var (times, values) = ([Int64](), [Double]())
        for (number, line) in csv.split(separator: UInt8(ascii: "\n")).enumerated() where number > 0 {
            let fields = line.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\r") })
                .map { String(decoding: $0, as: UTF8.self) }
            guard fields.count == 2, let atMs = Self.time(fields[0]), let value = Double(fields[1]), value.isFinite
            else {
                throw SetError(file: file, problems: ["line \(number + 1): must be a time and a number"])
            }
            times.append(atMs)
            values.append(value)
        }
        self.init(file: file, timesMs: times, values: values, windowsMs: windowsMs)
    }

    /// Reads `labels/combined_windows.json`: `{FILE:[[START,END],…]}`. Files in order of their names.
    ///
    /// - Throws: ``SetError`` if it is not that.
    public static func windows(json: [UInt8]) throws(SetError) -> [(file: String, windowsMs: [ClosedRange<Int64>])] {
        let name = "combined_windows.json"
        let document: [String: [[String]]]
        do {
            document = try JSONDecoder().decode([String: [[String]]].self, from: Data(json))
        } catch {
            throw SetError(file: name, problems: [SetError.words(for: error)])
        }
        var windows: [(file: String, windowsMs: [ClosedRange<Int64>])] = []
        for (file, pairs) in document.sorted(by: { $0.key < $1.key }) {
            var ranges: [ClosedRange<Int64>] = []
            for pair in pairs {
                guard pair.count == 2, let from = time(pair[0]), let to = time(pair[1]), from <= to else {
                    throw SetError(file: name, problems: ["\(file): a window is a start and an end"])
                }
                ranges.append(from...to)
            }
            windows.append((file, ranges.sorted { $0.lowerBound < $1.lowerBound }))
        }
        return windows
    }

    private static func time(_ text: String) -> Int64? { Timestamp.parse(text + "Z") }

    /// The series as a recording of one sensor, named after the file.
    public var recording: Recording {
        Recording(
            sensors: [Recording.Source(id: file, kind: .generic)],
            rows: zip(timesMs, values).map { atMs, value in
                Recording.Row(observedAtMs: atMs, value: value, sensor: 0, quantity: .generic)
            })
    }

    /// What a replay's incidents of this series are worth.
    public func score(_ incidents: [DetectedIncident], profile: NABProfile = .standard) -> NABScore {
        let alarms = incidents.filter { $0.sensorID == file && $0.class == .event }.map(\.openedAtMs)
        return NABScore(alarmsMs: alarms, timesMs: timesMs, windowsMs: windowsMs, profile: profile)
    }

    /// The benchmark's series that are sensors of a labelled set, by its labels' windows.
    public static func all(in set: LabelledSet, _ recording: Recording) -> [NABSeries] {
        let wanted = Dictionary(
            set.sensors.enumerated().filter { $1.nabFile != nil }.map { ($1.sensor.id, $0) },
            uniquingKeysWith: { first, _ in first })
        guard !wanted.isEmpty else { return [] }
        let places = recording.sensors.map { wanted[$0.id] }
        var series: [Int: NABSeries] = [:]
        for place in wanted.values {
            let windows = set.labels.filter { $0.sensor == place }.compactMap(\.nabWindowMs)
            series[place] = NABSeries(
                file: set.sensors[place].sensor.id, timesMs: [], values: [],
                windowsMs: windows.sorted { $0.lowerBound < $1.lowerBound })
        }
        for row in recording.rows {
            guard let place = places[Int(row.sensor)] else { continue }
            series[place]?.timesMs.append(row.observedAtMs)
            series[place]?.values.append(row.value)
        }
        return series.sorted { $0.value.file < $1.value.file }.map(\.value)
    }
}
