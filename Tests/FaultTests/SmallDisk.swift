import Foundation

/// A file system of a few megabytes, mounted for one test. Only root may.
final class SmallDisk {
    let path: String
    private var filler: String { "\(path)/filler" }

    /// Whether one can be mounted here, which has been tried: root in a container may not.
    static let isPossible = ((try? SmallDisk(megabytes: 1)) ?? nil) != nil

    /// Nil where we may not mount.
    init?(megabytes: Int) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "sluice-disk-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard Self.run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]) else {
            try FileManager.default.removeItem(atPath: path)
            return nil
        }
    }

    deinit {
        _ = Self.run("/usr/bin/umount", ["-l", path])
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Takes the space that is left, but for so much.
    func fill(leavingKilobytes left: Int) throws {
        let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
        let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        try Data(count: max(0, free - left << 10)).write(to: URL(filePath: filler))
    }

    /// Gives it back.
    func empty() { try? FileManager.default.removeItem(atPath: filler) }

    private static func run(_ command: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: command)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
