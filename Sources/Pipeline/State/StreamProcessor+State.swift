internal import Detection
public import Incidents
internal import Readings

// Saving the state, slice by slice.
extension StreamProcessor {
    /// Whether a turn of saving has begun and not ended.
    public var isSaving: Bool { saving.turn != nil }

    /// Sources whose connection is up, in the order in which they came.
    package var connectedSources: [Int] { connected }

    /// Begins a turn when its time has come, and goes on with one that has begun.
    mutating func saveSome(atMs: Int64, into batch: CommitBatch) {
        guard configuration.savesState else { return }
        if !isSaving, isTurnDue(atMs: atMs) { beginTurn(atMs: atMs) }
        saveNext(into: batch, budget: configuration.stateSteps.bytesPerTick)
    }

    /// Takes a step along with a batch, however fast they come: what a start has to meet again is bounded by what the stream has
    /// brought, not by time. It is all since the last complete turn began:
    /// ```
    ///   turn 7, complete      │ paid for, or entriesPerTurn │ turn 8, cut off by a kill
    ///   ▲ met again from here ┴─────────────────────────────┴──────────────────────── to here ▲
    /// ```
    /// So with `S` bytes of state no more than the greater of `S / stateBytesPerEntry` and `entriesPerTurn`, the entries
    /// that turn 8 took (`S / bytesPerEntry`, fewer in small batches), and a batch.
    package mutating func saveStep(into batch: CommitBatch) {
        let isLong = sequence - saving.beganAt >= configuration.stateSteps.entriesPerTurn
        if !isSaving, isLong, hasPaid { beginTurn(atMs: nil) }
        let entries = batch.readings.count + batch.events.count + batch.commands.count
        saveNext(into: batch, budget: configuration.stateSteps.budget(entries: entries))
    }

    private func isTurnDue(atMs: Int64) -> Bool {
        guard let beganAtMs = saving.beganAtMs, atMs >= beganAtMs else { return true }
        return atMs - beganAtMs >= (hasPaid ? configuration.stateIntervalMs : StateSaving.longestIntervalMs)
    }

    /// Whether the log has grown enough since the last turn began to be worth writing the state again.
    private var hasPaid: Bool {
        (sequence - saving.beganAt) >= saving.bytes / max(1, configuration.stateBytesPerEntry)
    }

    mutating func beginTurn(atMs: Int64?) {
        saving.turn = StateSaving.Turn(name: sequence)
        saving.beganAtMs = atMs ?? saving.beganAtMs
        (saving.beganAt, saving.isStill, saving.bytes) = (sequence, true, 0)
        // A registry that has changed may have parted what a request holds together.
        groups.entangle(book.entanglements.map { ($0.sensors.map(\.int), $0.zone) })
    }

    /// Saves the whole state at once. Nothing, if nothing has happened since it was last saved.
    public mutating func saveEverything(into batch: CommitBatch) {
        beginLastTurn()
        saveNext(into: batch, budget: .max)
    }

    /// Begins a turn at this place of the stream, unless one that began here says it all.
    mutating func beginLastTurn() {
        guard sequence > 0, saving.beganAt != sequence || !saving.isStill else { return }
        beginTurn(atMs: nil)
    }

    /// Goes on with the turn that has begun, if one has, by about `budget` bytes. Returns whether none is left open.
    @discardableResult
    public mutating func saveNext(into batch: CommitBatch, budget: Int) -> Bool {
        var written = 0
        while var turn = saving.turn, written < budget {
            var coder = StateCoder()
            var (version, family) = (StateSaving.version, turn.family)
            coder.code(&version)
            coder.code(&family)
            saveSlice(&turn, &coder)
            let isLast = !advance(&turn)
            let bytes = coder.sealed()
            written += bytes.count
            saving.bytes += Int64(bytes.count)
            if sequence != turn.name { saving.isStill = false }
            batch.stateSlices.append(
                StateSlice(turn: turn.name, number: turn.number, isLast: isLast, sequence: sequence, bytes: bytes))
            turn.number += 1
            saving.turn = isLast ? nil : turn
        }
        return saving.turn == nil
    }

    private mutating func saveSlice(_ turn: inout StateSaving.Turn, _ coder: inout StateCoder) {
        switch turn.family {
        case .shared: codeShared(&coder)
        case .people: savePeople(&turn, &coder)
        case .lanes: saveLanes(&turn, &coder)
        case .silence: saveSilence(&turn, &coder)
        }
    }

    /// Moves on to the next group that is to be saved. False when there is none.
    private func advance(_ turn: inout StateSaving.Turn) -> Bool {
        if turn.family == .shared { turn.family = .people }
        if turn.family == .people {
            if turn.nextRequest != nil { return true }
            turn.family = .lanes
        }
        if turn.family == .lanes {
            if seek(&turn.cursor, groups.isFirst) { return true }
            (turn.family, turn.cursor) = (.silence, 0)
        }
        return seek(&turn.cursor, isFirstOfGateway)
    }

    private func seek(_ cursor: inout Int, _ isFirst: (Int) -> Bool) -> Bool {
        while cursor < lanes.count, !isFirst(cursor) { cursor += 1 }
        return cursor < lanes.count
    }

    /// What belongs to no sensor.
    mutating func codeShared(_ coder: inout StateCoder) {
        silence.codeConnections(&coder)
        book.codeCounters(&coder)
        let count = coder.codeCount(connected.count)
        if coder.isReading { connected = Array(repeating: 0, count: count) }
        for index in connected.indices { coder.code(&connected[index], in: 0...Int(UInt8.max)) }
        silence.codePause(&coder)
    }

    private func savePeople(_ turn: inout StateSaving.Turn, _ coder: inout StateCoder) {
        var share = book.keptShare(from: turn.nextRequest ?? 0, bytes: configuration.stateSteps.bytesPerSlice)
        coder.code(&share)
        turn.nextRequest = share.last == .max ? nil : share.last + 1
    }

    // MARK: Lanes

    /// Whole groups: each sensor's number and lane, then zero, then their incidents.
    private mutating func saveLanes(_ turn: inout StateSaving.Turn, _ coder: inout StateCoder) {
        var sensors: [Subject] = []
        repeat {
            for sensor in groups.members(ofGroupOf: turn.cursor) {
                Self.write(sensor + 1, to: &coder)
                coder.block { _ = lanes[sensor].code(&$0) }
                sensors.append(.sensor(SensorIndex(rawValue: UInt32(sensor))))
            }
            turn.cursor += 1
        } while hasRoom(coder, sensors.count) && seek(&turn.cursor, groups.isFirst)
        Self.write(0, to: &coder)
        var share = book.share(of: sensors, .readings)
        coder.code(&share)
    }

    private func hasRoom(_ coder: StateCoder, _ sensors: Int) -> Bool {
        sensors < configuration.stateSteps.sensorsPerSlice && coder.position < configuration.stateSteps.bytesPerSlice
    }

    private static func write(_ number: Int, to coder: inout StateCoder) {
        var number = number
        coder.code(&number)
    }

    // MARK: Silence

    /// Whole gateways: each sensor's number and state, then zero; each gateway's id, number and state, then nothing; then
    /// their incidents.
    private mutating func saveSilence(_ turn: inout StateSaving.Turn, _ coder: inout StateCoder) {
        var (sensors, gateways): ([Subject], [Int]) = ([], [])
        repeat {
            let gateway = directory.gateway(of: SensorIndex(rawValue: UInt32(turn.cursor)))
            let members = gateway.map { directory.gateways[$0].sensors } ?? [SensorIndex(rawValue: UInt32(turn.cursor))]
            for sensor in members {
                Self.write(sensor.int + 1, to: &coder)
                coder.block { silence.code(sensor, &$0) }
                sensors.append(.sensor(sensor))
            }
            if let gateway { gateways.append(gateway) }
            turn.cursor += 1
        } while hasRoom(coder, sensors.count) && seek(&turn.cursor, isFirstOfGateway)
        Self.write(0, to: &coder)
        for gateway in gateways {
            Self.write(gateway + 1, to: &coder)
            var id = directory.gateways[gateway].id
            coder.code(&id)
            coder.block { silence.code(gateway: gateway, &$0) }
        }
        Self.write(0, to: &coder)
        var share = book.share(of: sensors + gateways.map { .gateway($0) }, .silence)
        coder.code(&share)
    }

    private func isFirstOfGateway(_ sensor: Int) -> Bool {
        let index = SensorIndex(rawValue: UInt32(sensor))
        return directory.gateway(of: index).map { directory.gateways[$0].sensors[0] == index } ?? true
    }
}
