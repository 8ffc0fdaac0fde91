internal import Glibc

/// Disk space held by a file beside the database, so that some is left for requests when readings have filled the disk.
///
/// It gives way in pieces, and takes them back once there is space again.
struct DiskReserve {
    /// Bytes that are asked for at a time when the disk is nearly full.
    private static let grain = 64 << 10

    private let path: String
    /// What it should hold.
    private let target: Int
    /// What it holds, in bytes.
    private(set) var held = 0

    /// The reserve's file of a database.
    static func path(beside database: String) -> String {
        (database.lastIndex(of: "/").map { String(database[...$0]) } ?? "") + "sluice.reserve"
    }

    /// - Parameter database: the path of the file that it stands beside.
    init(database: String, bytes: Int) {
        path = Self.path(beside: database)
        target = bytes
        held = fileBytes(path)
    }

    var isWhole: Bool { held >= target }

    /// Frees up to `bytes`. Returns what was freed.
    mutating func give(_ bytes: Int) -> Int {
        let left = max(0, held - bytes)
        guard left < held, unsafe truncate(path, off_t(left)) == 0 else { return 0 }
        defer { held = left }
        return held - left
    }

    /// Takes space until it is whole, but never the disk's last: as much as it takes is to stay free, too.
    ///
    /// - Returns: whether it is whole.
    mutating func fill() -> Bool {
        if held > target { _ = give(held - target) }
        guard !isWhole else { return true }
        guard let free = freeDiskBytes(path), free >= 2 * target - held else { return false }
        return take(target)
    }

    /// Takes back what was given and not used, of a disk that is still full: grain by grain.
    ///
    /// - Parameter bytes: what it held before it gave. No more than that: on a disk with less space than it should hold it would
    ///   take what has been freed, for ever, and nothing would be committed.
    mutating func refill(to bytes: Int) {
        let most = min(bytes, target)
        while held < most, take(min(most, held + Self.grain)) {}
    }

    /// Removes the file, when none is wanted.
    func remove() { _ = unsafe unlink(path) }

    private mutating func take(_ bytes: Int) -> Bool {
        let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { return false }
        defer { close(file) }
        // Not a sparse file: the blocks are taken now.
        guard posix_fallocate(file, 0, off_t(bytes)) == 0 else {
            // It may have got a part of it.
            _ = ftruncate(file, off_t(held))
            return false
        }
        held = bytes
        return true
    }
}

/// Bytes that an ordinary user may still write on the disk that holds `path`'s folder; nil if nobody can tell.
func freeDiskBytes(_ path: String) -> Int? {
    guard let information = diskInformation(path) else { return nil }
    return Int(information.f_bavail) * Int(information.f_frsize)
}

/// Whether the disk that holds `path`'s folder has become read-only, as a kernel makes it when it fails.
func isOnReadOnlyDisk(_ path: String) -> Bool {
    guard let information = diskInformation(path) else { return false }
    return information.f_flag & UInt(ST_RDONLY) != 0
}

private func diskInformation(_ path: String) -> statvfs? {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    var information = statvfs()
    return unsafe statvfs(folder, &information) == 0 ? information : nil
}
