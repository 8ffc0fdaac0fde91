import Foundation

/// A file system of a test's own, so small that it can be filled. Only root may have one.
final class SmallDisk: Sendable {
    /// A data directory on it.
    let directory: TemporaryDirectory

    /// Whether this process may mount one.
    static let isAvailable: Bool = {
        guard let disk = try? SmallDisk(megabytes: 1) else { return false }
        disk.remove()
        return true
    }()

    init(megabytes: Int) throws {
        directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        guard try Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", directory.path) else {
            directory.remove()
            throw CocoaError(.fileWriteNoPermission)
        }
    }

    func remove() {
        // Lazily: a reader's connection may still hold a file.
        _ = try? Self.run("umount", "-l", directory.path)
        directory.remove()
    }

    /// Takes all space but some kilobytes.
    func fill(leavingKilobytes left: Int) throws {
        let free = try FileManager.default.attributesOfFileSystem(forPath: directory.path)[.systemFreeSize] as? Int ?? 0
        try Data(repeating: 1, count: max(0, free - left << 10)).write(to: URL(fileURLWithPath: filler))
    }

    /// Gives it back.
    func empty() throws { try FileManager.default.removeItem(atPath: filler) }

    func remount(_ option: String) throws -> Bool { try Self.run("mount", "-o", "remount,\(option)", directory.path) }

    private var filler: String { directory.path + "/filler" }

    private static func run(_ command: String, _ arguments: String...) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
