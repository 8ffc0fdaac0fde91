/// One radio frame of a sensor, as its network's server told of it, or a message that its device has numbered.
///
/// Fixed-size and bitwise-copyable (40 bytes, no more than a reading), so it crosses the ring.
public struct SensorFrame: Sendable, BitwiseCopyable, Equatable {
    /// When the server received it, in milliseconds since the Unix epoch; where it doesn't say, when the daemon did.
    public var atMs: Int64
    /// When the daemon met it, by the daemon's clock, in milliseconds since the Unix epoch.
    public var arrivedAtMs: Int64
    /// Names the radio session within which counters rise, as a hash; 0 where the server does not say.
    public var session: UInt64
    public var sensor: SensorIndex
    /// The device's frame counter.
    public var counter: UInt32
    /// Signal strength at the first gateway that heard it, dBm, to a hundredth; NaN where unknown.
    public var rssiDBm: Float { rssi.value }
    /// Signal to noise ratio there, dB, to a hundredth; NaN where unknown.
    public var snrDB: Float { snr.value }
    private var rssi, snr: Decibels
    /// Whether the counter is the device's own. Home-made ones may stand still or count several quantities of one moment
    /// apart: the same number again does not make the readings repetitions.
    public var isDevices: Bool

    public init(
        sensor: SensorIndex, counter: UInt32, session: UInt64 = 0, atMs: Int64, arrivedAtMs: Int64,
        rssiDBm: Float = .nan, snrDB: Float = .nan, isDevices: Bool = false
    ) {
        (self.sensor, self.counter, self.session) = (sensor, counter, session)
        (self.atMs, self.arrivedAtMs) = (atMs, arrivedAtMs)
        (rssi, snr, self.isDevices) = (Decibels(rssiDBm), Decibels(snrDB), isDevices)
    }

    /// Hundredths, within ±327 dB.
    private struct Decibels: Sendable, BitwiseCopyable, Equatable {
        private var hundredths: Int16

        init(_ value: Float) {
            hundredths = value.isNaN ? .min : Int16(min(max((value * 100).rounded(), -32767), 32767))
        }

        var value: Float { hundredths == .min ? .nan : Float(hundredths) / 100 }
    }
}
