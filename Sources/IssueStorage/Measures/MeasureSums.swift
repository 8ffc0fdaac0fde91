/// Sums of facts: those of one week, service and ward, or of any number of them. All integers, so that taking a fact away
/// leaves no trace of it.
public struct MeasureSums: Sendable, Equatable {
    /// In the order of the columns of `measure_week`.
    enum Count: Int, CaseIterable {
        case requests, open, byPeople, reported, detectedBefore, promised, kept, reviewed, falseAlarms, fillings,
            emptied
        case litresFrom, litres, litresLow, litresHigh
        case hoursFrom, hours, hoursLow, hoursHigh

        var column: String {
            switch self {
            case .requests: "requests"
            case .open: "open"
            case .byPeople: "by_people"
            case .reported: "reported"
            case .detectedBefore: "detected_before"
            case .promised: "promised"
            case .kept: "kept"
            case .reviewed: "reviewed"
            case .falseAlarms: "false_alarms"
            case .fillings: "fillings"
            case .emptied: "emptied"
            case .litresFrom: "litres_from"
            case .litres: "litres"
            case .litresLow: "litres_low"
            case .litresHigh: "litres_high"
            case .hoursFrom: "hours_from"
            case .hours: "hours"
            case .hoursLow: "hours_low"
            case .hoursHigh: "hours_high"
            }
        }
    }

    private var counts = [Int64](repeating: 0, count: Count.allCases.count)
    private(set) var lead = SpanHistogram()
    private(set) var acknowledge = SpanHistogram()
    private(set) var close = SpanHistogram()
    /// Open past its promise at the moment of asking: time alone makes it so, so it stands in no sum that is kept.
    public internal(set) var overdue = 0
    /// For how long those have been open that are, at the moment of asking; and those of them that staff has not taken up. Like
    /// ``overdue`` they stand in no sum that is kept.
    package var stillOpen = SpanHistogram()
    package var untaken = SpanHistogram()

    public init() {}

    subscript(_ count: Count) -> Int64 {
        get { counts[count.rawValue] }
        set { counts[count.rawValue] = newValue }
    }

    /// Adds a fact, or with `times` −1 takes it away.
    mutating func add(_ fact: MeasureFact, times: Int64 = 1) {
        self[.requests] += times
        for (flag, count) in Self.countOfFlag where fact.flags.contains(flag) { self[count] += times }
        if let seconds = fact.leadS { lead.add(seconds: seconds, times: Int(times)) }
        if let seconds = fact.acknowledgeS { acknowledge.add(seconds: seconds, times: Int(times)) }
        if let seconds = fact.closeS { close.add(seconds: seconds, times: Int(times)) }
        guard let unit = fact.savedUnit else { return }
        let (from, value, low, high) = Self.countsOfSaving(unit)
        self[from] += times
        self[value] += times * fact.saved
        self[low] += times * fact.savedLow
        self[high] += times * fact.savedHigh
    }

    mutating func add(_ other: MeasureSums) {
        for index in counts.indices { counts[index] += other.counts[index] }
        lead.add(other.lead)
        acknowledge.add(other.acknowledge)
        close.add(other.close)
        overdue += other.overdue
        stillOpen.add(other.stillOpen)
        untaken.add(other.untaken)
    }

    /// How much of `unit` was saved, and in how many requests.
    public func saved(_ unit: SavedUnit) -> (amount: Amount, requests: Int) {
        let (from, value, low, high) = Self.countsOfSaving(unit)
        return (
            Amount(
                value: Double(self[value]) / 1000, low: Double(self[low]) / 1000, high: Double(self[high]) / 1000),
            Int(self[from])
        )
    }

    private static let countOfFlag: [(MeasureFact.Flags, Count)] = [
        (.isOpen, .open), (.byPerson, .byPeople), (.reported, .reported), (.detectedBefore, .detectedBefore),
        (.promised, .promised), (.kept, .kept), (.reviewed, .reviewed), (.falseAlarm, .falseAlarms),
        (.filling, .fillings), (.emptied, .emptied),
    ]

    private static func countsOfSaving(_ unit: SavedUnit) -> (from: Count, value: Count, low: Count, high: Count) {
        switch unit {
        case .litres: (.litresFrom, .litres, .litresLow, .litresHigh)
        case .vehicleHours: (.hoursFrom, .hours, .hoursLow, .hoursHigh)
        }
    }

    // MARK: - Bytes of the three histograms

    func encodedTimes() -> [UInt8] {
        var writer = VarintWriter()
        for times in [lead, acknowledge, close] { times.encode(to: &writer) }
        return writer.bytes
    }

    /// Adds what ``encodedTimes()`` gave; nil when the bytes are not of its making.
    mutating func addTimes(_ bytes: [UInt8]) -> Void? {
        let span = bytes.span
        var position = 0
        guard lead.add(from: span, at: &position) != nil, acknowledge.add(from: span, at: &position) != nil else {
            return nil
        }
        return close.add(from: span, at: &position)
    }
}

// MARK: - What they say

extension MeasureSums {
    public var requests: Int { Int(self[.requests]) }
    public var open: Int { Int(self[.open]) }
    public var byPeople: Int { Int(self[.byPeople]) }
    public var detectedBeforeReported: Share {
        Share(count: Int(self[.detectedBefore]), of: Int(self[.reported]))
    }
    public var onTime: Share { Share(count: Int(self[.kept]), of: Int(self[.promised]) + overdue) }
    /// Of those that a person reported after a sensor had raised them.
    public var leadTime: SpanMedian { SpanMedian(ended: lead) }
    /// Of those that staff took up, and those that are open and wait for it. What closed by itself meanwhile is not among them.
    public var timeToAcknowledge: SpanMedian { SpanMedian(ended: acknowledge, waiting: untaken) }
    /// Of all: those that are open have taken as long as they are old, and no end.
    public var timeToClose: SpanMedian { SpanMedian(ended: close, waiting: stillOpen) }
    public var falseAlarms: Share { Share(count: Int(self[.falseAlarms]), of: Int(self[.reviewed])) }
    public var emptiedInTime: Share { Share(count: Int(self[.emptied]), of: Int(self[.fillings])) }
}
