/// How finely the saving of the state is cut.
package struct StateSteps: Sendable {
    /// Most sensors of a slice. A group is never split, so one of many sensors takes more.
    package var sensorsPerSlice = 256
    /// About the most bytes of a slice.
    package var bytesPerSlice = 64 * 1024
    /// What a tick saves at most, and one slice more: a fraction of a millisecond.
    package var bytesPerTick = 256 * 1024
    /// What a batch saves at most, and one slice more: that of a full one.
    package var bytesPerBatch = 3 * 1024 * 1024
    /// What each entry of a batch lets it save, in bytes: so a turn is over before the log has grown much, whether a flood
    /// comes in full batches or in many that are half full. A full batch and ``bytesPerBatch`` agree.
    package var bytesPerEntry = 320
    /// A batch saves so much however little is in it, and no more if it is small: what came alone does not wait.
    package var leastBytesPerBatch: Int { max(1, bytesPerBatch / 8) }
    /// A turn begins at the latest when the log has grown by so many entries since the last began, if it has paid for
    /// itself. What a start meets again grows with it, some 2 µs an entry; what a flood writes shrinks: with 10,000 sensors
    /// 100,000 entries carry three times their own bytes of state.
    package var entriesPerTurn: Int64 = 200_000

    package init() {}

    /// About how much a batch of so many entries saves.
    func budget(entries: Int) -> Int {
        min(bytesPerBatch, max(leastBytesPerBatch, entries * bytesPerEntry))
    }
}
