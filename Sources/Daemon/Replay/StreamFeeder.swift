internal import Glibc
internal import Readings
internal import SPSCRing

/// Feeds readings straight into the pipeline, as a source of the stream beside the broker connections.
///
/// It brings its own time: arrival is taken to be event time, and a tick goes before the first reading of each new
/// minute, so that silence is judged as it would have been then. Owned by one thread; blocks while the ring is full.
struct StreamFeeder: ~Copyable {
    /// Readings between two acknowledgements: what is committed together at most.
    static let batchLimit = 8192
    static let tickMs: Int64 = 60_000
    private static let answerSpins = 5000
    /// Fewer than the answers that can be under way.
    private static let questionsAtOnce = 48

    private var inlet: Inlet<StreamElement, Admission>
    private var sinceBatchEnd = 0
    private var sequence: UInt64 = 0
    private var nextTickMs = Int64.min

    /// Readings pushed so far.
    private(set) var pushed = 0

    init(_ inlet: consuming Inlet<StreamElement, Admission>) { self.inlet = inlet }

    /// Says that the source is up, so that silence is judged.
    mutating func begin(atMs: Int64) { push(.connection(isUp: true, atMs: atMs)) }

    /// A sensor that is met for the first time.
    struct Newcomer {
        var id: [UInt8]
        var kind: SensorKind
        var atMs: Int64
    }

    /// The index of the sensor with this id, or why policy does not admit it.
    mutating func introduce(_ id: String, kind: SensorKind, atMs: Int64) -> Admission {
        introduce([Newcomer(id: Array(id.utf8), kind: kind, atMs: atMs)])[0]
    }

    /// The same for several, in their order. Asking for many at once costs a fraction of asking one by one: the two threads wait
    /// for each other less often.
    mutating func introduce(_ newcomers: [Newcomer]) -> [Admission] {
        var answers: [Admission] = []
        answers.reserveCapacity(newcomers.count)
        while answers.count < newcomers.count {
            let asked = newcomers[answers.count...].prefix(Self.questionsAtOnce)
            for newcomer in asked { ask(newcomer) }
            inlet.flush()
            for _ in asked { answers.append(answer()) }
        }
        return answers
    }

    private mutating func ask(_ newcomer: Newcomer) {
        let element = StreamElement.introduce(
            kind: newcomer.kind, byteCount: Int32(newcomer.id.count), atMs: newcomer.atMs)
        while !inlet.push(element, bytes: newcomer.id.span) {
            inlet.flush()
            yield()
        }
    }

    private mutating func answer() -> Admission {
        while true {
            if let admission = inlet.reply() { return admission }
            // The pipeline answers within microseconds if it is awake: spin before sleeping.
            inlet.cursor.doorbell.wait(timeoutMs: 1, spins: Self.answerSpins) { inlet.hasReply }
        }
    }

    /// One reading, which must not be older than those before by more than its sensor may be late.
    mutating func push(_ sensor: SensorIndex, _ quantity: Quantity, observedAtMs: Int64, value: Double) {
        tick(upTo: observedAtMs)
        push(
            .reading(
                Reading(
                    sensor: sensor, quantity: quantity, observedAtMs: observedAtMs,
                    arrivedAtMs: max(observedAtMs, nextTickMs - Self.tickMs), value: value)))
        pushed += 1
        sinceBatchEnd += 1
        if sinceBatchEnd >= Self.batchLimit { endBatch() }
    }

    /// Ends the stream at `atMs` and waits until all of it is committed.
    mutating func finish(atMs: Int64) {
        tick(upTo: atMs)
        push(.connection(isUp: false, atMs: atMs))
        endBatch()
        while inlet.cursor.sequence < sequence { yield() }
    }

    /// Moves the source's clock on: one tick a minute, also through a gap.
    private mutating func tick(upTo atMs: Int64) {
        if nextTickMs == .min { nextTickMs = atMs }
        while nextTickMs <= atMs {
            push(.tick(atMs: nextTickMs))
            nextTickMs += Self.tickMs
        }
    }

    private mutating func endBatch() {
        sequence += 1
        push(.batchEnd(sequence: sequence))
        inlet.flush()
        sinceBatchEnd = 0
    }

    private mutating func push(_ element: StreamElement) {
        while !inlet.push(element) {
            inlet.flush()
            yield()
        }
    }

    /// Lets the pipeline thread run: it is the one that frees the ring.
    private func yield() { usleep(50) }
}
