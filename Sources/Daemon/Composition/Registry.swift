internal import Foundation
internal import Readings

/// Reads a sensor registry from its file.
enum Registry {
    static func load(_ path: String) throws(RegistryError) -> [Sensor] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RegistryError(path: path, problems: ["can't be read"])
        }
        let table = SensorTable(csv: [UInt8](data).span)
        guard table.problems.isEmpty else {
            throw RegistryError(path: path, problems: table.problems.map { "\($0)" })
        }
        return table.sensors
    }
}

/// A registry that can't be used: every bad row at once.
struct RegistryError: Error, CustomStringConvertible {
    var path: String
    var problems: [String]

    var description: String { problems.map { "\(path): \($0)" }.joined(separator: "\n") }
}
