/// How finely the saving of the state is cut.
package struct StateSteps: Sendable {
    /// Most sensors of a slice. A group is never split, so one of many sensors takes more.
    package var sensorsPerSlice = 256
    /// About the most bytes of a slice.
    package var bytesPerSlice = 64 * 1024
    /// What a tick, or a batch, saves at most, and one slice more: a fraction of a millisecond.
    package var bytesPerStep = 256 * 1024

    package init() {}
}
