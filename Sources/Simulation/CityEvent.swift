/// Something that happens to the synthetic city: what, to whom, from when until when.
///
/// Sensors are named by their index in ``SyntheticCity``.
public struct CityEvent: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// A main leaks `share` of its zone's mean inflow, at once (0) or growing for a while.
        /// Flow rises, pressures fall, loggers of the zone hear it.
        case mainLeaks(zone: Int, share: Double, growsForMs: Int64)
        /// Traffic queues on consecutive stations of one corridor; `severity` is the share of speed that is lost.
        case congestion(corridor: Int, stations: Range<Int>, severity: Double)
        /// Nobody empties the bin: it reaches 85 % at `fullAtMs`, goes on filling, and is emptied when the event ends.
        case binFills(sensor: Int, fullAtMs: Int64)
        case binBurns(sensor: Int)
        case binTilts(sensor: Int)
        /// The sensor repeats what it measured when the event began.
        case stuck(sensor: Int)
        /// The sensor sends nothing.
        case silent(sensor: Int)
        /// Nothing comes through the gateway.
        case gatewayDies(gateway: Int)
        /// A building's meter never rests: this much runs in every hour, L/h.
        case meterRuns(sensor: Int, litresPerHour: Double)
        case chamberFloods(sensor: Int)
        /// A small leak that only one acoustic logger hears, this much above its quiet night, dB.
        case loggerHearsLeak(sensor: Int, hiss: Double)
        /// This share of a device's readings never arrives.
        case losesReadings(sensor: Int, share: Double)
    }

    public var kind: Kind
    /// Event time, in milliseconds since the Unix epoch.
    public var startMs: Int64
    /// When it is over: repaired, cleared, emptied.
    public var endMs: Int64

    public init(_ kind: Kind, startMs: Int64, endMs: Int64) {
        precondition(startMs < endMs, "an event must last, this one ends \(startMs - endMs) ms before it begins")
        (self.kind, self.startMs, self.endMs) = (kind, startMs, endMs)
    }

    /// How long its traces may last. An emptied bin is off its round's schedule until the round comes by.
    var tracesUntilMs: Int64 {
        if case .binFills = kind { endMs + 8 * 86_400_000 } else { endMs }
    }
}
