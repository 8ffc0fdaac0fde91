/// What a step of settling changes, gathered by row, so that each row is read and written once.
struct MeasureChanges {
    struct WeekKey: Hashable, Comparable {
        var week: ISOWeek
        var service: String
        var ward: String

        static func < (a: Self, b: Self) -> Bool {
            (a.week, a.service, a.ward) < (b.week, b.service, b.ward)
        }
    }

    struct SeriesKey: Hashable, Comparable {
        var kind: PlaceKind
        var place: String
        var service: String

        static func < (a: Self, b: Self) -> Bool {
            (a.kind.rawValue, a.place, a.service) < (b.kind.rawValue, b.place, b.service)
        }
    }

    struct Week {
        var key: WeekKey
        /// Facts to add, or with −1 to take away.
        var facts: [(fact: MeasureFact, times: Int64)]
    }

    struct Series {
        var key: SeriesKey
        var days: [DaySeries.Entry]
    }

    private var factsByWeek: [WeekKey: [(fact: MeasureFact, times: Int64)]] = [:]
    private var daysByPlace: [SeriesKey: [DaySeries.Entry]] = [:]

    mutating func add(_ fact: MeasureFact, times: Int64) {
        let key = WeekKey(week: ISOWeek(containing: fact.raisedAtMs), service: fact.service, ward: fact.ward)
        factsByWeek[key, default: []].append((fact, times))
        guard fact.flags.contains(.isThere) else { return }
        let entry = DaySeries.Entry(day: ISOWeek.day(fact.raisedAtMs), count: Int(times))
        func count(_ kind: PlaceKind, _ place: String) {
            daysByPlace[SeriesKey(kind: kind, place: place, service: fact.service), default: []].append(entry)
        }
        count(.city, "")
        if !fact.ward.isEmpty { count(.ward, fact.ward) }
        if let cell = fact.cell { count(.cell, cell.description) }
    }

    /// In the order of their keys, which is that of the table.
    var weeks: [Week] {
        factsByWeek.map { Week(key: $0.key, facts: $0.value) }.sorted { $0.key < $1.key }
    }

    var series: [Series] {
        daysByPlace.map { Series(key: $0.key, days: $0.value) }.sorted { $0.key < $1.key }
    }
}
