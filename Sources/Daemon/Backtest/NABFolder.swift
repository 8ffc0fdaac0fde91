internal import Backtest
internal import Foundation

/// A copy of the Numenta Anomaly Benchmark as it lies on the disk: `data/FOLDER/*.csv`, `labels/combined_windows.json`.
enum NABFolder {
    /// Reads the series whose names contain `part`; all of them for an empty one.
    ///
    /// - Throws: ``Failure`` with what is missing or wrong.
    static func series(_ path: String, part: String) throws -> [NABSeries] {
        let labels = try LabelledFolder.contents("\(path)/labels/combined_windows.json")
        do {
            let wanted = try NABSeries.windows(json: labels).filter { part.isEmpty || $0.file.contains(part) }
            guard !wanted.isEmpty else { throw Failure("\(path): no series' name contains \(part)", .usage) }
            return try wanted.map { file, windowsMs in
                try NABSeries(
                    file: file, csv: try LabelledFolder.contents("\(path)/data/\(file)"), windowsMs: windowsMs)
            }
        } catch let error as SetError {
            throw Failure(error, inFolder: path)
        }
    }
}
