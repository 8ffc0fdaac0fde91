internal import Foundation
internal import IssueStorage
internal import Open311

/// Photos that came with reports, as files in the data directory, each named by what it holds.
///
/// A file is complete or not there: it is written beside its place and moved.
struct PhotoShelf: Sendable {
    let folder: String

    init(directory: String) { folder = directory + "/photos" }

    /// What photos leave free on the disk, in bytes: readings and requests go first.
    private static let spared = 256 << 20

    /// Keeps a photo and returns its name. Blocks.
    ///
    /// - Throws: 503 when the disk is nearly full.
    func keep(_ photo: Photo) throws -> String {
        let name = "\(ContentHash.hexadecimal(photo.bytes).prefix(32)).\(photo.format.fileExtension)"
        let path = "\(folder)/\(name)"
        guard !FileManager.default.fileExists(atPath: path) else { return name }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        let free = try FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? Int ?? 0
        guard free > Self.spared + photo.bytes.count else {
            throw GeoReportError(
                code: 503, "There is no room for photos right now. Send the report without, or later.", retryAfterS: 600
            )
        }
        try Data(photo.bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        return name
    }

    /// The photo of this name, or nil. Blocks.
    func photo(named name: String) -> Photo? {
        // Nothing else is in the folder, and no name leads out of it.
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 32, parts[0].allSatisfy(\.isHexDigit),
            Photo.Format.allCases.contains(where: { $0.fileExtension == parts[1] })
        else { return nil }
        return FileManager.default.contents(atPath: "\(folder)/\(name)").flatMap { Photo(bytes: Array($0)) }
    }
}
