internal import Glibc

/// Files that must be there after a cut of the power, whole. Every call blocks.
enum DurableFile {
    /// Has the disk keep what a file holds, or which names a folder holds.
    static func sync(_ path: String) throws(StorageError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unwritable(path: path, reason: systemReason(errno)) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .unwritable(path: path, reason: systemReason(errno)) }
    }

    /// Gives a file another name in one step, in place of what has that name.
    static func move(_ former: String, to path: String) throws(StorageError) {
        guard unsafe rename(former, path) == 0 else { throw .unwritable(path: path, reason: systemReason(errno)) }
    }

    /// Syncs a finished file, gives it its name, and has the disk keep that.
    static func settle(_ partial: String, as path: String) throws(StorageError) {
        try sync(partial)
        try move(partial, to: path)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try sync(folder.isEmpty ? "/" : folder)
    }
}
