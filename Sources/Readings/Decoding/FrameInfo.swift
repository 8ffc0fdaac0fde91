/// What a LoRaWAN server says of the radio frame that brought a message, or a device of its own count.
public struct FrameInfo: Sendable, Equatable, BitwiseCopyable {
    /// The device's frame counter, 0–4294967295, or -1 where there is none.
    public var counter: Int64 = -1
    /// Names the radio session within which counters rise, as a hash; 0 where the server does not say.
    public var session: UInt64 = 0
    /// When the server received it, in milliseconds since the Unix epoch; `.min` where it does not say.
    public var atMs = Int64.min
    /// Whether the device counts by itself: then its count says what was lost, but not that a message came before.
    public var isDevices = false
    /// Whether the device has just joined the network: its counter begins anew.
    public var isJoin = false
    /// Received signal strength at the first gateway, dBm; NaN where unknown.
    public var rssiDBm: Float = .nan
    /// Signal to noise ratio at the first gateway, dB; NaN where unknown.
    public var snrDB: Float = .nan

    public init() {}

    /// NaN equals NaN here: "unknown" is one value.
    public static func == (a: FrameInfo, b: FrameInfo) -> Bool {
        a.counter == b.counter && a.session == b.session && a.atMs == b.atMs && a.isJoin == b.isJoin
            && a.isDevices == b.isDevices
            && a.rssiDBm.bitPattern == b.rssiDBm.bitPattern && a.snrDB.bitPattern == b.snrDB.bitPattern
    }
}
