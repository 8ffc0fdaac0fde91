internal import Foundation
package import Open311
internal import Synchronization

/// Photos that came with reports, as files in the data directory, each named by what it holds.
///
/// A file is complete and on the disk, or not there: it is written beside its place, synced and moved. Every call blocks.
package final class PhotoShelf: Sendable {
    /// There is no room for one more.
    package struct Full: Error {}

    /// Where photos lie in a data directory.
    static let folderName = "photos"
    /// What photos leave free on the disk, in bytes: readings and requests go first.
    private static let spared = 256 << 20

    private let directory: String
    private var folder: String { "\(directory)/\(Self.folderName)" }
    private let mostBytes: Int
    /// What lies there, in bytes; nil until it is first asked for. Locked while a photo comes to its place, is named once more,
    /// or goes, so that none goes that was named again in that moment.
    private let total = Mutex<Int?>(nil)

    /// - Parameter mostBytes: what all photos together may take; 0: whatever the disk has.
    package init(directory: String, mostBytes: Int) {
        self.directory = directory
        self.mostBytes = mostBytes
    }

    /// The name that a photo has here: what it holds, and its kind. The same photo has one name.
    package static func name(of photo: Photo) -> String {
        "\(ContentHash.hexadecimal(photo.bytes).prefix(32)).\(photo.format.fileExtension)"
    }

    /// Keeps a photo. When this returns, it outlives a cut of the power.
    ///
    /// A photo that is there already counts as new: whoever sent it again is about to name it.
    ///
    /// - Throws: ``Full``, or what the file system says.
    package func keep(_ photo: Photo) throws {
        let path = "\(folder)/\(Self.name(of: photo))"
        let isThere = total.withLock { _ in touch(path) }
        // Whoever brought it first may not have come as far as this.
        guard !isThere else { return try DurableFile.sync(folder) }
        try makeFolder()
        guard try hasRoom(for: photo.bytes.count) else { throw Full() }
        // Hidden ones are files in the making. Two may bring the same photo at once.
        let partial = "\(folder)/.\(UUID().uuidString)"
        do {
            try Data(photo.bytes).write(to: URL(filePath: partial))
            try DurableFile.sync(partial)
            try total.withLock { total in
                let isNew = !touch(path)
                try DurableFile.move(partial, to: path)
                if isNew { total = total.map { $0 + photo.bytes.count } }
            }
            try DurableFile.sync(folder)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    /// The photo of this name, or nil.
    package func photo(named name: String) -> Photo? {
        // Nothing else is in the folder, and no name leads out of it.
        guard PhotoName.isOne(name) else { return nil }
        return FileManager.default.contents(atPath: "\(folder)/\(name)").flatMap { Photo(bytes: Array($0)) }
    }

    /// What was last named before this time, in milliseconds since the Unix epoch, and what a crash left in the making.
    package func names(untouchedSinceMs ms: Int64) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { Self.touchedMs("\(folder)/\($0)").map { $0 < ms } ?? false }.sorted()
    }

    /// Removes photos.
    ///
    /// - Parameter ms: what was named again since then stays; in milliseconds since the Unix epoch.
    /// - Returns: how many are gone.
    @discardableResult
    package func remove(_ names: some Sequence<String>, untouchedSinceMs ms: Int64 = .max) -> Int {
        var count = 0
        for name in names where !name.contains("/") {
            let path = "\(folder)/\(name)"
            let isGone = total.withLock { total in
                guard let touchedMs = Self.touchedMs(path), touchedMs < ms else { return false }
                let bytes = Self.bytes(path)
                guard (try? FileManager.default.removeItem(atPath: path)) != nil else { return false }
                total = total.map { $0 - bytes }
                return true
            }
            if isGone { count += 1 }
        }
        if count > 0 { try? DurableFile.sync(folder) }
        return count
    }

    // MARK: - The folder

    private func makeFolder() throws {
        guard !FileManager.default.fileExists(atPath: folder) else { return }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        try DurableFile.sync(directory)
    }

    private func hasRoom(for bytes: Int) throws -> Bool {
        let free = try FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? Int ?? 0
        guard free > Self.spared + bytes else { return false }
        guard mostBytes > 0 else { return true }
        return total.withLock { total in
            let there = total ?? sum()
            total = there
            return there + bytes <= mostBytes
        }
    }

    private func sum() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.reduce(0) { $0 + Self.bytes("\(folder)/\($1)") }
    }

    // MARK: - Files

    /// Has a file count as new; false if it is not there.
    private func touch(_ path: String) -> Bool {
        (try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: path)) != nil
    }

    private static func touchedMs(_ path: String) -> Int64? {
        let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
        return date.map { Int64($0.timeIntervalSince1970 * 1000) }
    }

    private static func bytes(_ path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }
}
