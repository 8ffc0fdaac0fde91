internal import Incidents
internal import Readings

/// Saved slices that wait for their places in the stream.
///
/// Everything about a slice's form is checked before the first entry of the log is met, so that a damaged one is found
/// while there is still the choice to meet the whole log instead. The states of single sensors are read when their slice's
/// place is passed: then the sensors are known.
struct StateRestoring: Sendable {
    /// A slice, taken apart.
    struct Slice: Sendable {
        var family: StateSaving.Family
        var sequence: Int64
        var bytes: [UInt8]
        /// Where each sensor's block stands.
        var sensors: [(index: Int, block: Range<Int>)] = []
        var gateways: [(number: Int, id: String, block: Range<Int>)] = []
        var share = BookShare()
        var kept = KeptShare()
    }

    /// The slices that have not been installed, in the order of their places, the next one last.
    private var waiting: [Slice]
    /// Sensors that wait for a slice, by index.
    private var lanes: [Bool] = []
    private var silences: [Bool] = []

    init(_ slices: [Slice]) {
        waiting = slices.reversed()
        for slice in slices { mark(slice, true) }
    }

    /// Whether nothing may happen to the sensor's lane before its slice is installed.
    func awaitsLane(_ sensor: SensorIndex) -> Bool { sensor.int < lanes.count && lanes[sensor.int] }
    func awaitsSilence(_ sensor: SensorIndex) -> Bool { sensor.int < silences.count && silences[sensor.int] }

    /// The next slice that holds nothing of `sequence` and what comes after.
    mutating func next(before sequence: Int64) -> Slice? {
        guard let slice = waiting.last, slice.sequence < sequence else { return nil }
        waiting.removeLast()
        mark(slice, false)
        return slice
    }

    private mutating func mark(_ slice: Slice, _ isWaiting: Bool) {
        for (index, _) in slice.sensors {
            if slice.family == .lanes { Self.set(&lanes, index, isWaiting) }
            if slice.family == .silence { Self.set(&silences, index, isWaiting) }
        }
    }

    private static func set(_ list: inout [Bool], _ index: Int, _ value: Bool) {
        if index >= list.count { list.append(contentsOf: repeatElement(false, count: index + 1 - list.count)) }
        list[index] = value
    }
}

extension StateRestoring.Slice {
    /// More sensors than this have no index.
    private static let highestNumber = Int(Int32.max)

    /// Takes a slice apart. `shared` reads what belongs to no sensor.
    init(_ saved: StateSlice, shared: (inout StateCoder) -> Void) throws(StateError) {
        var coder = try StateCoder(unsealing: saved.bytes)
        var (version, family): (UInt64, StateSaving.Family) = (0, .shared)
        coder.code(&version)
        guard version == StateSaving.version else { throw StateError(.otherVersion, field: "the state") }
        coder.code(&family)
        self.init(family: family, sequence: saved.sequence, bytes: saved.bytes)
        switch family {
        case .shared: shared(&coder)
        case .people: coder.code(&kept)
        case .lanes:
            readSensors(&coder)
            coder.code(&share)
        case .silence:
            readSensors(&coder)
            readGateways(&coder)
            coder.code(&share)
        }
        try coder.finish()
    }

    private mutating func readSensors(_ coder: inout StateCoder) {
        while let number = Self.readNumber(&coder) {
            guard let block = coder.readBlock() else { return }
            sensors.append((number - 1, block))
        }
    }

    private mutating func readGateways(_ coder: inout StateCoder) {
        while let number = Self.readNumber(&coder) {
            var id = ""
            coder.code(&id)
            guard let block = coder.readBlock() else { return }
            gateways.append((number - 1, id, block))
        }
    }

    /// A number from 1 on, or nil at the list's end.
    private static func readNumber(_ coder: inout StateCoder) -> Int? {
        var number = 0
        coder.code(&number, in: 0...highestNumber)
        return number > 0 ? number : nil
    }
}
