internal import CFaultDisk
internal import Readings

/// The simulated disk. There is one in a process: SQLite's default file system.
///
/// All calls are on one thread; the C side keeps plain global state.
enum Disk {
    enum Failure { case error, forgetful, full, busy }

    /// Before the first connection.
    static func install() { precondition(faultdisk_install() == 0, "SQLite takes no default file system") }

    /// An empty disk, whose every mood follows from `seed`.
    static func format(seed: UInt64) {
        precondition(faultdisk_format(seed), "a connection to the last run's database is still open")
    }

    /// After `after` more calls of these kinds, `times` of them fail.
    static func fail(_ calls: [faultdisk_call], after: Int, _ failure: Failure, times: Int) {
        let code: faultdisk_failure =
            switch failure {
            case .error: FAULTDISK_ERROR
            case .forgetful: FAULTDISK_FORGETFUL
            case .full: FAULTDISK_FULL
            case .busy: FAULTDISK_BUSY
            }
        faultdisk_fail(calls.reduce(0) { $0 | $1.rawValue }, UInt32(after), code, UInt32(times))
    }

    static func heal() { faultdisk_heal() }

    /// The process dies in one of its next changes to the disk.
    static func dieAfter(_ calls: Int) { faultdisk_die_after(UInt32(calls)) }
    static func die() { faultdisk_die() }
    static var isDead: Bool { faultdisk_is_dead() }
    static func restart(powerCut: Bool) { faultdisk_restart(powerCut) }

    /// A copy of a directory's files as the next power cut, or the next kill, would leave them at worst.
    static func copy(_ directory: String, to other: String, synced: Bool) {
        unsafe faultdisk_copy(directory + "/", other + "/", synced)
    }

    static func forget(_ directory: String) { unsafe faultdisk_forget(directory + "/") }

    static var nowMs: Int64 {
        get { faultdisk_time() }
        set { faultdisk_set_time(newValue) }
    }

    /// Of every call so far, with what was written.
    static var hash: UInt64 { faultdisk_hash() }

    static var counts: faultdisk_counts { faultdisk_get_counts() }

    /// Prints each call from now on.
    static func observe() {
        unsafe faultdisk_observe { call, file, offset, bytes, result in
            guard let call = unsafe call, let file = unsafe file else { return }
            let name = unsafe String(cString: call)
            if name == "read" || name == "lock", result == 0 { return }
            let line = unsafe "    disk \(name) \(String(cString: file)) at \(offset), \(bytes) bytes"
            print(result == 0 ? line : line + ": SQLite code \(result)")
        }
    }
}

extension WallClock {
    /// The time that the disk's sleeping moves too.
    static let simulated = WallClock { Disk.nowMs }
}
