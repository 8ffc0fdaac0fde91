internal import Readings

/// How well preventive openings foresaw that bins get full, against what really happened.
///
/// Each opening is judged by its bin's cycle, from the emptying before it to the one after:
/// - *foreseen*: the bin passed 85 % later in the cycle; the error is that of the forecast time;
/// - *late*: it had passed 85 % before the request was opened;
/// - *prevented*: it was emptied before the forecast time came, so that nobody can tell;
/// - *false*: the forecast time passed, and the bin was emptied, or the record ended, without having been full.
public struct ForecastScore: Sendable, Equatable {
    public var openings = 0
    public var late = 0
    public var prevented = 0
    public var falseOnes = 0
    /// Forecast minus true time, of those foreseen, ms.
    public var errorsMs: [Int64] = []
    /// From the opening to the true time, of those foreseen, ms.
    public var leadsMs: [Int64] = []
    /// Crossings of 85 % inside the record, and how many had an opening before them in their cycle.
    public var crossings = 0
    public var foreseenCrossings = 0

    /// - Parameter set: tells from when to when each sensor is judged.
    public init(_ openings: [PreventiveOpening], truth: BinTruth, set: LabelledSet) {
        var foreseen: Set<Crossing> = []
        for opening in openings {
            guard let place = set.place(ofSensor: opening.sensorID), let bin = truth.bins[opening.sensorID] else {
                continue
            }
            let sensor = set.sensors[place]
            guard (sensor.evaluateFromMs...sensor.evaluateToMs).contains(opening.openedAtMs) else { continue }
            if let crossing = judge(opening, bin, untilMs: sensor.evaluateToMs) {
                foreseen.insert(Crossing(sensor: place, atMs: crossing))
            }
        }
        foreseenCrossings = foreseen.count
        for sensor in set.sensors {
            let inside = sensor.evaluateFromMs...sensor.evaluateToMs
            crossings += truth.bins[sensor.sensor.id]?.crossingsMs.count { inside.contains($0) } ?? 0
        }
    }

    private struct Crossing: Hashable {
        var sensor: Int
        var atMs: Int64
    }

    /// Returns the crossing that was foreseen.
    private mutating func judge(_ opening: PreventiveOpening, _ bin: BinTruth.Bin, untilMs: Int64) -> Int64? {
        openings += 1
        let atMs = opening.openedAtMs
        let cycleBegan = bin.collectionsMs.last { $0 <= atMs } ?? .min
        let cycleEnds = min(bin.collectionsMs.first { $0 > atMs } ?? .max, untilMs)
        if bin.crossingsMs.contains(where: { cycleBegan < $0 && $0 <= atMs }) {
            late += 1
        } else if let crossing = bin.crossingsMs.first(where: { atMs < $0 && $0 <= cycleEnds }) {
            errorsMs.append(opening.forecastMs - crossing)
            leadsMs.append(crossing - atMs)
            return crossing
        } else if cycleEnds < opening.forecastMs {
            prevented += 1
        } else {
            falseOnes += 1
        }
        return nil
    }

    public var foreseen: Int { errorsMs.count }
    /// Hours; not a number where nothing was foreseen.
    public var medianErrorH: Double { quantile(errorsMs.map { Double($0.magnitude) }, 0.5) / 3_600_000 }
    public var medianLeadH: Double { quantile(leadsMs.map(Double.init), 0.5) / 3_600_000 }
    public var preventedShare: Double { Double(prevented) / Double(openings) }
    public var falseShare: Double { Double(falseOnes) / Double(openings) }
}
