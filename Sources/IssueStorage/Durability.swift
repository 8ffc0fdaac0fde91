/// What a committed, and so acknowledged, reading survives. Key `data.durability`.
public enum Durability: String, Sendable, CaseIterable {
    /// Power cuts: every commit waits until the disk has it (`synchronous=FULL`).
    case power
    /// The daemon's death, not the machine's: the kernel writes when it likes (`synchronous=NORMAL`).
    case crash

    /// The value of SQLite's `PRAGMA synchronous`.
    /// - Source: <https://www.sqlite.org/pragma.html#pragma_synchronous>
    var pragma: String {
        switch self {
        case .power: "FULL"
        case .crash: "NORMAL"
        }
    }
}
