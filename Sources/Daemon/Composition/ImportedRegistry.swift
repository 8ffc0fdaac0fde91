internal import Foundation
internal import Glibc
internal import Readings

/// The sensors that `sluice sensors import` has brought: `sensors.csv` in the data directory, beside the database and part of its
/// backups. A sensor that `sensors.file` names, too, is what that file says.
struct ImportedRegistry {
    static let name = "sensors.csv"

    private let path: String

    init(directory: String) { path = "\(directory)/\(Self.name)" }

    /// None where nothing has been imported.
    func sensors() throws(RegistryError) -> [Sensor] {
        FileManager.default.fileExists(atPath: path) ? try Registry.load(path) : []
    }

    /// Puts these in the place of what was there, in one step that outlives a power cut. None at all removes the file.
    ///
    /// - Throws: ``Failure``; then what was there still is.
    func store(_ sensors: [Sensor]) throws(Failure) {
        let fresh = "\(path).new"
        do {
            guard !sensors.isEmpty else {
                if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
                return
            }
            try Data(SensorTable(sensors: sensors).csv.utf8).write(to: URL(filePath: fresh))
            try sync(fresh)
            guard unsafe rename(fresh, path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            try sync(URL(filePath: path).deletingLastPathComponent().path)
        } catch {
            _ = unsafe unlink(fresh)
            throw Failure("\(path): can't be written: \(error.localizedDescription)", .dataUnwritable)
        }
    }

    private func sync(_ path: String) throws {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }
}
