/// What the process says when it ends, so that scripts and systemd can tell why. Numbers follow BSD's `sysexits.h` where it has
/// one that fits; 1 is left to failures that have no name.
package enum SluiceExit: Int32, Sendable, CaseIterable {
    case success = 0
    /// A command that judges found what it looks for: `sluice check` on a sample that decodes to nothing, say.
    case negative = 1
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// A file that a command was given has wrong content (EX_DATAERR).
    case badInput = 65
    /// A file that a command was given doesn't exist or can't be read (EX_NOINPUT).
    case noInput = 66
    /// No broker answers, or no daemon at the address that was given, for commands that need one (EX_UNAVAILABLE). `sluice run`
    /// waits for its broker instead.
    case noBroker = 69
    /// A bug (EX_SOFTWARE).
    case defect = 70
    /// The HTTP port is taken (EX_OSERR).
    case portInUse = 71
    /// The data folder can't be created or written (EX_CANTCREAT).
    case dataUnwritable = 73
    /// The database failed in a way that waiting doesn't mend (EX_IOERR).
    case storageFailed = 74
    /// Another daemon holds the data folder (EX_TEMPFAIL).
    case dataLocked = 75
    /// The broker refused the password, for commands that need it (EX_NOPERM).
    case brokerRefused = 77
    /// The configuration is wrong (EX_CONFIG). systemd must not restart on it: see `sluice.service`.
    case configuration = 78
}
