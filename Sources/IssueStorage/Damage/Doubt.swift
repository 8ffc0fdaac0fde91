internal import Glibc

/// A note beside the database that damage was met while it was in use: the next start reads all of it, however large it is.
struct Doubt {
    private let path: String

    /// - Parameter database: the database's path.
    init(of database: String) { path = database + ".doubt" }

    var isNoted: Bool { unsafe access(path, F_OK) == 0 }

    /// Leaves the note if `error` speaks of damage. A disk that can't take it loses a convenience only.
    func note(_ error: any Error, path database: String) {
        guard DamagedFiles.isDamage(StorageError(error, path: database, doing: "using")) else { return }
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        if file >= 0 { close(file) }
    }

    func clear() { _ = unsafe unlink(path) }
}
