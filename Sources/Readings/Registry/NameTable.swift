/// Sensor id → index, for a network thread's own use: open addressing over bytes, no allocation on a hit.
///
/// Linear probing at a load of at most a half. Ids are chosen by whoever may publish, so the hash is keyed: pass a
/// random seed, or one flood of chosen ids makes every lookup slow.
///
/// - Complexity: O(id) expected. About 32 bytes a sensor beside its id.
public struct NameTable: Sendable {
    private struct Slot: Sendable, BitwiseCopyable {
        var hash: UInt64
        /// The id's place in ``bytes``, and its length; empty slots have none.
        var start: UInt32
        var length: UInt32
        var sensor: SensorIndex

        static let empty = Slot(hash: 0, start: 0, length: 0, sensor: SensorIndex(rawValue: 0))
    }

    private var slots: [Slot]
    /// All ids, one after the other.
    private var bytes: [UInt8] = []
    private let seed: (UInt64, UInt64)
    public private(set) var count = 0

    /// - Parameter capacity: ids that fit before the table grows for the first time.
    public init(seed: (UInt64, UInt64), capacity: Int = 1024) {
        self.seed = seed
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: .empty, count: size)
    }

    /// The sensor with this id, or nil if the table has never heard of it.
    public func index(of id: borrowing Span<UInt8>) -> SensorIndex? {
        let slot = slots[slot(of: id, hash: SipHash.hash(id, key: seed))]
        return slot.length == 0 ? nil : slot.sensor
    }

    /// Gives the id an index; an id that has one gets the new one.
    ///
    /// - Precondition: the id is not empty, and all ids together stay below 4 GiB.
    public mutating func insert(_ id: borrowing Span<UInt8>, _ sensor: SensorIndex) {
        precondition(!id.isEmpty, "an id must not be empty")
        let hash = SipHash.hash(id, key: seed)
        var place = slot(of: id, hash: hash)
        if slots[place].length > 0 {
            slots[place].sensor = sensor
            return
        }
        if (count + 1) * 2 > slots.count {
            grow()
            place = slot(of: id, hash: hash)
        }
        slots[place] = Slot(hash: hash, start: UInt32(bytes.count), length: UInt32(id.count), sensor: sensor)
        bytes.append(contentsOf: [UInt8](copying: id))
        count += 1
    }

    /// The keyed hash, for tests against its published vectors.
    package static func hash(_ bytes: [UInt8], key: (UInt64, UInt64)) -> UInt64 { SipHash.hash(bytes.span, key: key) }

    /// Where the id is, or where it belongs.
    private func slot(of id: borrowing Span<UInt8>, hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place].length > 0 {
            if slots[place].hash == hash, holds(slots[place], id) { return place }
            place = (place + 1) & mask
        }
        return place
    }

    private func holds(_ slot: Slot, _ id: borrowing Span<UInt8>) -> Bool {
        guard Int(slot.length) == id.count else { return false }
        let start = Int(slot.start)
        return bytes.span.extracting(start..<start + id.count).hasSameBytes(as: id)
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: .empty, count: old.count * 2)
        let mask = slots.count - 1
        for slot in old where slot.length > 0 {
            var place = Int(truncatingIfNeeded: slot.hash) & mask
            while slots[place].length > 0 { place = (place + 1) & mask }
            slots[place] = slot
        }
    }
}
