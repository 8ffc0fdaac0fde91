import Foundation
import TestSupport

/// A file system of its own, of a few kilobytes, that can be filled. Needs root.
final class SmallDisk {
    private let folder: TestFolder
    var path: String { folder.path }

    struct Failure: Error {
        var command: [String]
    }

    init(kilobytes: Int) throws {
        folder = try TestFolder()
        try Self.run(["mount", "-t", "tmpfs", "-o", "mode=777,size=\(kilobytes)k", "tmpfs", folder.path])
    }

    // Lazily: a broker that still has files open does not keep the folder from going.
    deinit { try? Self.run(["umount", "-l", folder.path]) }

    /// Leaves no room, not for a byte.
    func fill() throws {
        let file = "\(path)/filler"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        guard let handle = FileHandle(forWritingAtPath: file) else { throw Failure(command: [file]) }
        while (try? handle.write(contentsOf: Data(count: 1024))) != nil {}
    }

    private static func run(_ command: [String]) throws {
        let process = try Process.run(URL(filePath: "/usr/bin/env"), arguments: command)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(command: command) }
    }
}
