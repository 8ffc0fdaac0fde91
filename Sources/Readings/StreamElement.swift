/// What crosses the ring from a source (a broker connection, a replay) to the pipeline: fixed-size, in stream order.
///
/// A case with a byte count refers to that many bytes in the ring that runs beside.
public enum StreamElement: Sendable, BitwiseCopyable, Equatable {
    /// A reading of a sensor whose index the source knows.
    case reading(Reading)
    /// The source met an id that it has no index for, and waits for an ``Admission``. Bytes: the id; then, as far as they are
    /// known and each behind a NUL, the gateway that the message came through, the route's name and the topic.
    case introduce(kind: SensorKind, byteCount: Int32, atMs: Int64)
    /// A message that could not be decoded, or that policy refuses. Bytes: as ``QuarantineHeader``
    /// says.
    case quarantine(QuarantineHeader)
    /// The broker's journal needs no replay before `position`, once the batch in which this stands is committed.
    case journal(JournalPosition)
    /// A radio frame of a sensor, for its record. Not part of what is replayed: detection never sees it.
    case frame(SensorFrame)
    /// Messages of a sensor's edge node, for its record. Like a frame, no part of what is replayed.
    case nodeFrames(NodeFrames)
    /// The sensor joins its network anew, or its network let its frame counter begin anew; when, by the server's clock.
    case join(SensorIndex, atMs: Int64?)
    /// A device has told that it dies, or its edge node has: the sensor will not be heard until it is born again. With
    /// `isGateway` the sensor stands for all that are heard through the same gateway.
    case death(SensorIndex, isGateway: Bool, atMs: Int64)
    /// Everything of the source's batch `sequence` has been pushed: acknowledge when it is committed.
    case batchEnd(sequence: UInt64)
    /// The clock stands at `atMs`, for a source that brings its own time: a replay, a simulated history.
    case tick(atMs: Int64)
    /// The source's connection came up (its backlog drained) or went down, by the daemon's clock.
    case connection(isUp: Bool, atMs: Int64)
}

/// The pipeline's answer to ``StreamElement/introduce(kind:byteCount:atMs:)``.
public enum Admission: Sendable, BitwiseCopyable, Equatable {
    case admitted(SensorIndex)
    /// Policy does not admit it: the source quarantines its messages.
    case refused(QuarantineReason)
}
