internal import Backtest
internal import Foundation
internal import Readings
internal import Simulation

/// A labelled set as it lies on the disk: `sensors.csv`, `labels.json`, `readings/*.csv[.gz]`, and `truth.json.gz` where
/// there is one.
struct LabelledFolder {
    let set: LabelledSet
    let truth: BinTruth?
    private let path: String

    /// Reads everything but the readings.
    ///
    /// - Parameter group: keep the sensors whose group's name begins with this.
    /// - Throws: ``Failure`` with everything that is wrong in a file.
    init(_ path: String, group: String?) throws {
        self.path = path
        let sensors = try Self.contents("\(path)/sensors.csv")
        let labels = try Self.contents("\(path)/labels.json")
        do {
            let whole = try LabelledSet(sensorsCSV: sensors.span, labelsJSON: labels)
            set = group.map(whole.limited) ?? whole
            let truthPath = ["\(path)/truth.json.gz", "\(path)/truth.json"].first(where: FileManager.default.fileExists)
            truth = try truthPath.map { try BinTruth(json: try Self.contents($0)) }
        } catch let error as SetError {
            throw Failure(error, inFolder: path)
        }
        if set.sensors.isEmpty, let group {
            throw Failure("\(path): no group's name begins with \(group)", .usage)
        }
    }

    /// Whether anything in it can be forecast to be full.
    var hasBins: Bool { self.set.sensors.contains { truth?.bins[$0.sensor.id] != nil } }

    /// Reads all readings of the set's sensors into memory.
    func recording() throws -> Recording {
        let folder = "\(path)/readings"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".csv") || $0.hasSuffix(".csv.gz") }.sorted()
        guard !names.isEmpty else { throw Failure("\(folder): has no files of readings (.csv or .csv.gz)", .noInput) }
        let bytes = names.map { Self.size("\(folder)/\($0)") }
        let bar = ProgressBar("Reading", unit: "readings", total: 1)
        var builder = RecordingBuilder()
        var piece: [UInt8] = []
        for (number, name) in names.enumerated() {
            let before = bytes[..<number].reduce(0, +)
            do {
                var reader = try GzipReader(path: "\(folder)/\(name)")
                while try reader.read(into: &piece) > 0 {
                    try builder.append(piece.span)
                    piece.removeAll(keepingCapacity: true)
                    bar.update(
                        share: Double(before + reader.position) / Double(max(1, bytes.reduce(0, +))),
                        done: builder.count)
                }
                try builder.endFile()
            } catch let error as ReadingsCSV.RowError {
                throw Failure("\(folder)/\(name): \(error)", .badInput)
            } catch let error as GzipError {
                throw Failure("\(error)", .badInput)
            }
        }
        bar.finish(builder.count)
        return builder.finish().limited { set.place(ofSensor: $0.id) != nil }
    }

    static func contents(_ path: String) throws -> [UInt8] {
        do {
            return try GzipReader.contents(ofFile: path)
        } catch {
            throw Failure("\(error)", .noInput)
        }
    }

    /// Of the file that a link leads to, not of the link.
    private static func size(_ path: String) -> Int {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
    }
}

extension Failure {
    /// A file of a set that can't be used.
    init(_ error: SetError, inFolder path: String) {
        self.init(error.problems.map { "\(path)/\(error.file): \($0)" }.joined(separator: "\n"), .badInput)
    }
}
