/// How a traffic radar's interval is told in several messages, one for each category of vehicles.
///
/// Each message becomes a part (``Quantity/vehicleFlowPart``, ``Quantity/speedPart``), and the stream puts parts together: as
/// readings they are stored before they are acknowledged, and so an interval that was half told when the daemon was killed
/// is told to its end.
public struct RouteParts: Sendable, Equatable {
    /// Where the payload's port stands, which says which part it is. Empty: where the format has it.
    public var port: String
    /// The ports that make an interval whole, in order. At most 16.
    public var ports: [Int]
    /// Where the end of the interval stands, as HHMM in UTC.
    public var time: String
    /// Where the numbers of vehicles stand, each beside its mean speed in km/h.
    public var lanes: [Lane]

    public struct Lane: Sendable, Equatable {
        public var count: String
        public var speed: String

        public init(count: String, speed: String) { (self.count, self.speed) = (count, speed) }
    }

    public init(port: String = "", ports: [Int], time: String, lanes: [Lane]) {
        (self.port, self.ports, self.time, self.lanes) = (port, ports, time, lanes)
    }

    /// The most parts of an interval: what a reading's time has room for.
    public static let mostParts = 16

    /// The moment that an HHMM means: the one of that time of day which is nearest to the message's own.
    static func moment(hours: Int, minutes: Int, near atMs: Int64) -> Int64 {
        let dayMs: Int64 = 86_400_000
        let (day, rest) = atMs.quotientAndRemainder(dividingBy: dayMs)
        let wanted = Int64(hours * 60 + minutes) * 60_000
        let ms = day * dayMs + wanted
        if wanted - rest > dayMs / 2 { return ms - dayMs }
        return rest - wanted > dayMs / 2 ? ms + dayMs : ms
    }
}
