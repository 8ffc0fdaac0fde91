internal import Glibc

/// How many files and sockets this process may have open.
enum OpenFiles {
    /// What the daemon keeps for itself: database, log, brokers, journal, event loops.
    private static let ownNeed = 64

    /// What is left for HTTP callers: they are turned away before a broker connection can't be opened any more. At least 8.
    static var sparesForCallers: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 8 }
        return max(8, Int(clamping: limit.rlim_cur) - ownNeed)
    }
}
