internal import GRDB

/// Whether a connection may be used on after a commit has failed.
///
/// The first try after an I/O error is on the same connection: it writes the failed frames again (``CommitMark``). When
/// that fails as well, SQLite's idea of the file may differ from the disk's, and a new connection reads it afresh.
package struct ConnectionTrust {
    private var isDoubtful = false

    package init() {}

    package mutating func succeeded() { isDoubtful = false }

    /// Notes a failure.
    /// - Returns: whether the connection has to be opened anew.
    package mutating func isLost(after error: any Error) -> Bool {
        if error is UnusableConnection { return true }
        guard Self.casts(doubt: error) else { return false }
        defer { isDoubtful = true }
        return isDoubtful
    }

    /// Not what leaves the transaction rolled back and the connection sound.
    private static func casts(doubt error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_INTERRUPT: false
        default: true
        }
    }
}
