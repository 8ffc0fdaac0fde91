internal import Detection
internal import Settings

/// Turns the names of time zones into the tables that detection takes as values.
enum ZoneFiles {
    /// The table of an IANA zone, from the system's TZif files.
    static func load(_ name: String) throws(ZoneFileError) -> ZoneTable {
        guard name != "UTC" else { return .utc }
        guard let bytes = SystemZones.bytes(of: name) else {
            throw ZoneFileError(
                zone: name, problem: "is not in the system's zone files; install tzdata or correct the name")
        }
        do {
            return try ZoneTable(tzif: bytes)
        } catch {
            throw ZoneFileError(zone: name, problem: "has a zone file that cannot be read: \(error)")
        }
    }

    /// Tables of all zones that `names` mention; the first that can't be had is the error.
    static func load(all names: some Sequence<String>) throws(ZoneFileError) -> [String: ZoneTable] {
        var tables: [String: ZoneTable] = [:]
        for name in names where tables[name] == nil { tables[name] = try load(name) }
        return tables
    }
}

/// A time zone that can't be used, and what to do.
struct ZoneFileError: Error, CustomStringConvertible {
    var zone: String
    var problem: String

    var description: String { "time zone \(zone) \(problem)" }
}
