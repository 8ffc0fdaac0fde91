public import Readings

/// What else the stream holds, with its place in it.
public struct StreamEvent: Sendable, Equatable, BitwiseCopyable {
    public enum Kind: UInt8, Sendable, BitwiseCopyable {
        case tick = 1
        case connectionUp = 2
        case connectionDown = 3
        /// A sensor spoke, but said nothing new: at most once a minute, so that replay knows that it was heard.
        case heard = 4
        /// A device has told that it dies; its sensors are silent from now on.
        case deviceDeath = 5
        /// An edge node has died, and with it everything that is heard through it; the sensor is one of these.
        case gatewayDeath = 6
    }

    public var sequence: Int64
    public var kind: Kind
    /// The source whose connection it was; 0 for ticks.
    public var source: Int
    /// Who was heard, or died; nil for all other kinds.
    public var sensor: SensorIndex?
    /// The daemon's time.
    public var atMs: Int64

    public init(sequence: Int64, kind: Kind, source: Int, sensor: SensorIndex? = nil, atMs: Int64) {
        self.sequence = sequence
        self.kind = kind
        self.source = source
        self.sensor = sensor
        self.atMs = atMs
    }
}
