internal import Foundation

/// Where one demo keeps its data, and which city lives there.
///
/// A named folder may be used again: the city goes on where it stopped.
struct DemoFolder {
    let path: String
    let seed: UInt64
    /// When this city's live time began, in milliseconds since the Unix epoch; nil for a new city.
    let liveStartMs: Int64?
    /// Whether it is removed at the end.
    let isTemporary: Bool

    private struct Note: Codable {
        var seed: UInt64
        var liveStartMs: Int64
    }

    /// - Parameter name: the folder, or nil for a new temporary one.
    init(named name: String?, seed: UInt64) throws {
        isTemporary = name == nil
        path =
            name
            ?? FileManager.default.temporaryDirectory.appending(path: "sluice-demo-\(UUID().uuidString.prefix(8))").path
        do {
            try FileManager.default.createDirectory(atPath: "\(path)/broker", withIntermediateDirectories: true)
        } catch {
            throw Failure("\(path): can't be made or written; choose another folder with --data", .dataUnwritable)
        }
        let note = FileManager.default.contents(atPath: "\(path)/demo.json")
            .flatMap { try? JSONDecoder().decode(Note.self, from: $0) }
        if let note, note.seed != seed, name != nil {
            throw Failure(
                "\(path) holds the city of seed \(note.seed); go on with --seed \(note.seed), or choose another folder",
                .badInput)
        }
        self.seed = seed
        liveStartMs = note?.liveStartMs
    }

    var brokerPath: String { "\(path)/broker" }

    /// Notes which city lives here.
    func remember(liveStartMs: Int64) throws {
        let note = try JSONEncoder().encode(Note(seed: seed, liveStartMs: liveStartMs))
        try note.write(to: URL(filePath: "\(path)/demo.json"))
    }

    /// Removes a temporary folder.
    func cleanUp() {
        if isTemporary { try? FileManager.default.removeItem(atPath: path) }
    }
}
