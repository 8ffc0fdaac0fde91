internal import TimeBase

/// What happens in a synthetic city, and when: the demo's plot.
///
/// ```
///  −14 d          live start      +24 h              for as long as it runs
///    │ a dozen small │ the plot that │ one or two seeded events
///    │ incidents     │ people watch  │ in every six hours
/// ```
/// Targets are chosen by the seed; the kinds and times of the first two parts are the same in every city.
public struct EventScript: Sendable {
    /// The written part, by start: history and the first day of live time.
    public private(set) var written: [CityEvent] = []
    public let liveStartMs: Int64
    private let seed: UInt64
    private var cast: EventCast?

    static let hourMs: Int64 = 3_600_000
    static let blockMs = 6 * hourMs

    init(seed: UInt64, liveStartMs: Int64) { (self.seed, self.liveStartMs) = (seed, liveStartMs) }

    mutating func write(for city: SyntheticCity) {
        var cast = EventCast(city: city)
        written = EventPlot(city: city).write(&cast).sorted { ($0.startMs, $0.endMs) < ($1.startMs, $1.endMs) }
        self.cast = cast
    }

    /// The written events that begin in live time: what the terminal announces at the start.
    public var live: [CityEvent] { written.filter { $0.startMs >= liveStartMs } }

    /// Every event that begins in `fromMs ..< toMs`, written or seeded, by start.
    public func events(fromMs: Int64, toMs: Int64) -> [CityEvent] {
        guard fromMs < toMs else { return [] }
        let seeded = (block(ofMs: fromMs)...block(ofMs: toMs - 1)).flatMap { later(block: $0) }
        return (written + seeded).filter { $0.startMs >= fromMs && $0.startMs < toMs }
            .sorted { ($0.startMs, $0.endMs) < ($1.startMs, $1.endMs) }
    }

    /// Every event that may show at `atMs` or later in its block, and the end of that block.
    func events(around atMs: Int64) -> ([CityEvent], untilMs: Int64) {
        let block = block(ofMs: atMs)
        let untilMs = laterStartMs + (block + 1) * Self.blockMs
        let tail: Int64 = 8 * 24 * Self.hourMs / Self.blockMs + 5  // traces last eight days, events a day at most
        let seeded = block < 0 ? [] : (max(0, block - tail)...block).flatMap { later(block: $0) }
        return ((written + seeded).filter { $0.tracesUntilMs > atMs && $0.startMs < untilMs }, untilMs)
    }

    private var laterStartMs: Int64 { liveStartMs + 24 * Self.hourMs }

    private func block(ofMs atMs: Int64) -> Int64 { floorDivide(atMs - laterStartMs, Self.blockMs) }

    /// The seeded events that begin in one block of six hours after the written part; the same whenever asked.
    private func later(block: Int64) -> [CityEvent] {
        guard block >= 0, var cast else { return [] }
        cast.begin(key: SeededHash.key(SeededHash.key(seed, 4), block))
        let startMs = laterStartMs + block * Self.blockMs
        return (0..<(cast.chance() < 0.6 ? 1 : 2)).compactMap { _ in
            cast.improvise(startMs: startMs + Int64(cast.chance() * Double(Self.blockMs)))
        }
    }
}
