/// How finely the saving of the state is cut.
package struct StateSteps: Sendable {
    /// Most sensors of a slice. A group is never split, so one of many sensors takes more.
    package var sensorsPerSlice = 256
    /// About the most bytes of a slice.
    package var bytesPerSlice = 64 * 1024
    /// What a tick saves at most, and one slice more: a fraction of a millisecond.
    package var bytesPerTick = 256 * 1024
    /// What a full batch saves at most, and one slice more. One that is not full saves an eighth of it, so that what came
    /// alone does not wait.
    package var bytesPerBatch = 3 * 1024 * 1024
    /// A turn begins at the latest when the log has grown by so many entries since the last began, if it has paid for
    /// itself: a start meets at most twice as many again, at some million a second.
    package var entriesPerTurn: Int64 = 300_000

    package init() {}
}
