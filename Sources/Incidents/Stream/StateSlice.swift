/// A part of the pipeline's state, as it stood at one place of the stream.
///
/// The whole state is saved in turns, slice by slice, each at its own place, so that saving stalls nothing. A turn is of
/// use once its last slice is committed; then a start takes the slices and replays the stream from the first one's place,
/// showing each slice only what came after its own.
public struct StateSlice: Sendable, Equatable {
    /// The turn of saving that it belongs to, from 1.
    public var turn: Int64
    /// Its number within the turn, from 0. Number 0 stands at the turn's earliest place.
    public var number: Int
    /// Whether the turn is complete with it.
    public var isLast: Bool
    /// What it contains of the stream: everything up to and including this sequence.
    public var sequence: Int64
    /// The encoded state. Only the version of the program that wrote it needs to understand it.
    public var bytes: [UInt8]

    public init(turn: Int64, number: Int, isLast: Bool, sequence: Int64, bytes: [UInt8]) {
        self.turn = turn
        self.number = number
        self.isLast = isLast
        self.sequence = sequence
        self.bytes = bytes
    }
}
