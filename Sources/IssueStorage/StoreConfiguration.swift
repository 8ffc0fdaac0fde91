public import Readings

/// How the store keeps what it is given: how safely, how long, and in how much space.
public struct StoreConfiguration: Sendable, Equatable {
    /// What an acknowledged reading survives. Key `data.durability`.
    public var durability = Durability.power
    /// How long readings are kept.
    public var history = HistoryPolicy()
    /// What the database file may hold, in bytes; 0 leaves it to the disk. Key `data.max_bytes`.
    ///
    /// Close to it the oldest history goes early. The default keeps all that ``HistoryPolicy`` asks for of 10,000 sensors
    /// that send once a minute, twice over, and doesn't fill an ordinary disk when a fleet is larger than was thought.
    public var maximumBytes = 16 << 30
    /// Disk space set aside so that requests are filed also on a disk that is full of readings. Key `data.reserve_bytes`.
    public var reserveBytes = 16 << 20
    /// Undecodable messages kept; the oldest go first. Key `data.quarantine_messages`.
    public var quarantineMessages = 100_000
    /// Bytes of undecodable messages kept; the oldest go first. Key `data.quarantine_bytes`.
    public var quarantineBytes = 256 << 20

    public init() {}

    /// Every problem, each starting with its key, so the operator edits the file once.
    public func problems() -> [String] {
        var found = history.problems().map { "history.\($0)" }
        if maximumBytes != 0, maximumBytes < 256 << 20 {
            found.append("data.max_bytes: must be 0 (no bound) or at least 256 MiB, found \(maximumBytes)")
        }
        if !(0...(1 << 30)).contains(reserveBytes) {
            found.append("data.reserve_bytes: must be 0 to 1 GiB, found \(reserveBytes)")
        }
        if quarantineMessages < 100 {
            found.append("data.quarantine_messages: must be at least 100, found \(quarantineMessages)")
        }
        if quarantineBytes < 1 << 20 {
            found.append("data.quarantine_bytes: must be at least 1 MiB, found \(quarantineBytes)")
        }
        return found
    }
}
