internal import IssueStorage
internal import Readings

extension LocalCommands {
    struct WantedSensors: Codable, Sendable {
        /// The registry, CSV: a tenth of what the same is as JSON.
        var csv: String
        /// Whether those that are not in it go.
        var replaces: Bool
    }

    struct ImportedSensors: Codable, Sendable {
        /// How many were in the file, how many of those were new, and how many went.
        var stored, added, removed: Int
        /// How many the imported registry has by now.
        var registered: Int
        /// The most that a running daemon keeps, its sensors.max; nil where none runs.
        var most: Int?
        /// Whether a running daemon knows them by now.
        var isApplied: Bool
    }

    /// - Parameters:
    ///   - most: how many a running daemon keeps; nil where none runs.
    ///   - apply: has a running daemon take them; false where that is for the next start.
    mutating func addSensorImport(
        directory: String, most: @escaping @Sendable () -> Int? = { nil },
        apply: @escaping @Sendable () async throws -> Bool
    ) {
        let imports = OneAtATime(refusal: "another import of sensors is under way; wait until it is done")
        register("sensors.import", needs: .administer) { call in
            let wanted = try call.body(WantedSensors.self)
            return try await imports.run {
                let registry = ImportedRegistry(directory: directory)
                let (before, after) = try await offPool("sluice-import") {
                    let bytes = Array(wanted.csv.utf8)
                    let table = SensorTable(csv: bytes.span)
                    if let problem = table.problems.first { throw LocalError(code: "bad_sensors", "\(problem)") }
                    // A clock that this machine does not know would keep the daemon from starting.
                    do {
                        _ = try ZoneFiles.load(all: table.sensors.compactMap(\.timeZone))
                    } catch {
                        throw LocalError(code: "bad_sensors", "tz: \(error)")
                    }
                    let before = try registry.sensors()
                    let ids = Set(table.sensors.map(\.id))
                    let after = (wanted.replaces ? [] : before.filter { !ids.contains($0.id) }) + table.sensors
                    try registry.store(after)
                    return (before, (sensors: after, imported: ids))
                }
                await call.report(LocalProgress(done: after.imported.count, total: after.imported.count))
                do {
                    let isApplied = try await apply()
                    let known = Set(before.map(\.id))
                    return ImportedSensors(
                        stored: after.imported.count, added: after.imported.subtracting(known).count,
                        removed: wanted.replaces ? known.subtracting(after.imported).count : 0,
                        registered: after.sensors.count, most: most(), isApplied: isApplied)
                } catch let error as LocalError where error.code == "stopping" {
                    throw error
                } catch {
                    // All or nothing: what can't be applied is not kept either.
                    try await offPool("sluice-import") { try registry.store(before) }
                    throw error
                }
            }
        }
    }
}
