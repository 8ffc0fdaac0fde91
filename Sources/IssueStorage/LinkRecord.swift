/// How well a sensor is heard, as its record says.
public struct LinkRecord: Sendable, Equatable {
    public var sensorID: String
    /// The gateway that the registry names for it.
    public var gateway: String?
    /// When the last frame came that is counted, in milliseconds since the Unix epoch.
    public var lastFrameMs: Int64
    /// Frames of late, up to about a thousand, that came and that did not.
    public var received, lost: Int
    /// Frames that came again, and times that the device was restarted or joined anew, ever.
    public var duplicated, restarts: Int
    /// Of the last frame.
    public var rssiDBm, snrDB: Double?

    /// The share of frames that were lost, 0 to 1.
    public var lossShare: Double { received + lost == 0 ? 0 : Double(lost) / Double(received + lost) }
}
