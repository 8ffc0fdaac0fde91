/// Sensors that are not let in, as far as they are told one by one: made-up names must not fill the log.
struct Refusals: Sendable {
    /// In so many milliseconds of arrival…
    static let periodMs: Int64 = 60_000
    /// …so many are told by name.
    static let named = 10

    private var beganMs = Int64.min
    private var told = 0
    private var untold = 0

    /// Notes one. Returns how many its line stands for, itself included, when there is to be one.
    mutating func note(atMs: Int64) -> Int? {
        if beganMs == .min || atMs >= beganMs + Self.periodMs || atMs < beganMs { (beganMs, told) = (atMs, 0) }
        guard told < Self.named else {
            untold += 1
            return nil
        }
        told += 1
        defer { untold = 0 }
        return untold + 1
    }
}
