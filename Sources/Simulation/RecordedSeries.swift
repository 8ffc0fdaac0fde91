public import Readings
internal import TimeBase

/// A real recording of traffic, cut into days, ready to be played into another week.
///
/// A recorded day is played on its own weekday and at its own local time, so it is shifted by whole weeks. Where
/// several recordings of one weekday exist they take turns. A measurement stays within its five minutes.
public struct RecordedSeries: Sendable, Equatable {
    /// The id in the recording's file.
    public var name: String
    /// Who measured it and where, for people: the asset line of its sensors.
    public var source: String
    /// How many stations of the city play it, each beginning with another day.
    public var stations: Int
    /// What it measures, in the order of ``Day/values``.
    public private(set) var quantities: [Quantity]
    /// Recorded days by weekday, 0 is Monday. Empty where the recording has none (PeMS has no weekends).
    private var days: [[Day]]
    /// Mean of the first quantity: what the invented traffic of missing weekdays is scaled to.
    public private(set) var mean: Double

    /// One day: for each quantity, 288 values of five minutes, NaN where nothing was recorded.
    struct Day: Sendable, Equatable {
        var values: [[Double]] = []

        static let nothing = Array(repeating: Double.nan, count: 288)

        /// The longest time without any quantity.
        var longestGapMinutes: Int {
            var (longest, gap) = (0, 0)
            for slot in 0..<288 {
                gap = values.contains { $0[slot].isFinite } ? 0 : gap + 5
                longest = max(longest, gap)
            }
            return longest
        }
    }

    /// Reads one sensor's rows of a file in the form `timestamp,sensor_id,kind,metric,value`.
    ///
    /// - Parameters:
    ///   - utcOffsetS: what to add to the file's UTC for the local time at which it was recorded.
    ///   - longestGapMinutes: days with a longer gap, or that begin or end with one, are left out.
    /// - Throws: ``RecordingError`` with the line that can't be read, or if nothing is left.
    public init(
        name: String, source: String, stations: Int = 1, csv: [UInt8], utcOffsetS: Int, longestGapMinutes: Int
    ) throws(RecordingError) {
        self.name = name
        self.source = source
        self.stations = stations
        var rows = RecordedRows(sensor: name, utcOffsetS: utcOffsetS)
        try rows.read(csv)
        quantities = rows.quantities
        days = Array(repeating: [], count: 7)
        for day in rows.days.keys.sorted() {
            guard var recorded = rows.days[day], recorded.longestGapMinutes <= longestGapMinutes else { continue }
            while recorded.values.count < quantities.count { recorded.values.append(Day.nothing) }
            days[Int(floorModulo(day + 3, 7))].append(recorded)
        }
        let first = days.joined().flatMap { $0.values[0] }.filter(\.isFinite)
        guard !first.isEmpty else {
            throw RecordingError(line: 0, problem: "no day of \(name) has gaps of \(longestGapMinutes) minutes at most")
        }
        mean = first.reduce(0, +) / Double(first.count)
    }

    /// Days of recording, by weekday from Monday.
    public var dayCounts: [Int] { days.map(\.count) }

    /// Whether recorded days lack moments, so that its silence for an hour means nothing.
    var hasGaps: Bool { days.joined().contains { $0.longestGapMinutes > 15 } }

    /// Whether this weekday was recorded at all.
    func covers(weekday: Int) -> Bool { !days[weekday].isEmpty }

    /// The value recorded for this moment, or nil where the recording has a gap.
    /// - Precondition: the weekday is covered.
    func value(_ quantity: Int, station: Int, at moment: LocalMoment) -> Double? {
        let recorded = days[moment.weekday]
        let week = floorDivide(moment.day + 3, 7) + Int64(station)
        let day = recorded[Int(floorModulo(week, Int64(recorded.count)))]
        let value = day.values[quantity][Int(moment.secondOfDay / 300)]
        return value.isFinite ? value : nil
    }
}

/// What is wrong with a recording's file.
public struct RecordingError: Error, Equatable, CustomStringConvertible {
    /// From 1; 0 means the file as a whole.
    public var line: Int
    public var problem: String

    public var description: String { line > 0 ? "line \(line): \(problem)" : problem }
}
