internal import Detection
public import Incidents
public import Readings

/// The frame counters of all devices that have any: what was lost, came twice or late, and who began anew.
///
/// Its state is what the store's records of links are: changed ones are written, whole, with the batch that changed them,
/// and read again at a start. So a run that was interrupted counts what one without interruption counts. No part of what is
/// replayed: detection never sees it.
///
/// - Complexity: O(1) a frame. Memory: 4 bytes a sensor, 160 more for one with a counter.
struct FrameBook: Sendable {
    private struct Entry: Sendable {
        var link: SensorLink
        /// The round in which the device last sent something new.
        var round: UInt32 = 0
        var isChanged = false
    }

    /// Where each sensor's entry stands, by the sensor's index; -1 for none.
    private var places: [Int32] = []
    private var entries: [Entry] = []
    /// Places of what has changed since it was last taken.
    private var changed: [Int32] = []
    /// Counts the connections that were lost. What repeats itself before its device has sent something new in a round is what
    /// the broker delivers again because it has not seen our acknowledgement.
    private var round: UInt32 = 1
    /// What was counted since this process began, of all devices.
    private(set) var counts = FrameCounts()
    /// The last frame, if it is one that had come before: the readings behind it come again, at whatever time.
    private var repeated: (sensor: SensorIndex, counter: Int32)?
    /// Frames that the broker delivered again, which say nothing of a device.
    private(set) var redelivered: Int64 = 0

    init() {}

    /// Goes on with what the store knows.
    init(_ links: [SensorLink]) {
        for link in links { entries[place(of: link.sensor)].link = link }
    }

    mutating func observe(_ frame: SensorFrame) {
        let place = place(of: frame.sensor)
        let known = entries[place].link.history
        let isSeen = known.hasSeen(counter: Int64(frame.counter), session: frame.session, atMs: frame.atMs)
        repeated = nil
        let finding = entries[place].link.history.observe(
            counter: Int64(frame.counter), session: frame.session, atMs: frame.atMs)
        if finding == .duplicate {
            if isSeen, !frame.isDevices {
                repeated = (frame.sensor, Int32(truncatingIfNeeded: frame.counter & 0x7FFF_FFFF))
            }
            // The newest frame at a later time is the device's own repetition.
            let isItsOwn = Int64(frame.counter) == known.highest && frame.atMs > known.highestAtMs
            guard isItsOwn || entries[place].round == round else {
                redelivered += 1
                return
            }
        } else {
            entries[place].round = round
        }
        counts.count(finding)
        entries[place].link.count(finding)
        entries[place].link.hear(frame)
        note(place)
    }

    /// An edge node's messages, of which a sensor behind it tells. They are counted where the node is followed: here they
    /// would count once for each of its sensors.
    mutating func observe(_ frames: NodeFrames) {
        let place = place(of: frames.sensor)
        entries[place].link.add(frames)
        note(place)
    }

    /// Whether the reading is of a frame that had come before.
    @inline(__always)
    func isRepeated(_ reading: Reading) -> Bool {
        guard let repeated else { return false }
        return repeated.sensor == reading.sensor && repeated.counter == reading.counter
    }

    mutating func join(_ sensor: SensorIndex, atMs: Int64?) {
        let place = place(of: sensor)
        let before = entries[place].link.history
        entries[place].link.history.join(atMs: atMs)
        if entries[place].link.history != before { note(place) }
    }

    /// A connection ended: what was not acknowledged on it will be delivered again.
    mutating func connectionLost() { round &+= 1 }

    /// Appends what has changed since the last call.
    mutating func takeChanged(into links: inout [SensorLink]) {
        guard !changed.isEmpty else { return }
        for place in changed {
            entries[Int(place)].isChanged = false
            links.append(entries[Int(place)].link)
        }
        changed.removeAll(keepingCapacity: true)
    }

    private mutating func note(_ place: Int) {
        guard !entries[place].isChanged else { return }
        entries[place].isChanged = true
        changed.append(Int32(place))
    }

    private mutating func place(of sensor: SensorIndex) -> Int {
        while places.count <= sensor.int { places.append(-1) }
        if places[sensor.int] < 0 {
            places[sensor.int] = Int32(entries.count)
            entries.append(Entry(link: SensorLink(sensor: sensor)))
        }
        return Int(places[sensor.int])
    }
}

extension StreamProcessor {
    /// Goes on with what the store knows of frame counters. Before anything is met.
    public mutating func restore(links: [SensorLink]) { frames = FrameBook(links) }

    /// A radio frame came.
    public mutating func take(_ frame: SensorFrame) {
        frames.observe(frame)
        (tallies.frames, tallies.framesRedelivered) = (frames.counts, frames.redelivered)
    }

    /// Messages of a sensor's edge node came, or did not.
    public mutating func take(_ nodeFrames: NodeFrames) { frames.observe(nodeFrames) }

    /// A sensor joins its network anew.
    public mutating func join(_ sensor: SensorIndex, atMs: Int64?) { frames.join(sensor, atMs: atMs) }

    /// Puts into the batch what has changed beside the stream: how well sensors are heard, and how often.
    public mutating func noteHearing(into batch: CommitBatch) {
        frames.takeChanged(into: &batch.links)
        silence.takeLearned { sensor, intervalS in
            batch.cadences.append(CommitBatch.Cadence(sensor: sensor, intervalS: intervalS))
        }
    }
}
