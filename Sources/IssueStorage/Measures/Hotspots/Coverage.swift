internal import GRDB
internal import Open311
internal import Readings

/// What listens where.
struct Coverage {
    private let windows: HotspotWindows
    private var listening: [PlaceKind: [PlaceKey: Listening]] = [:]

    /// Services that sensors serve; people alone report to the others.
    static let sensed = Set(ServiceCode.standard.map(\.rawValue))

    /// - Parameter services: codes of those that matter.
    init(_ db: Database, _ windows: HotspotWindows, kinds: [PlaceKind], services: Set<String>) throws {
        self.windows = windows
        let rows = try RawStatement(
            db,
            """
            SELECT sensor.kind, latitude, longitude, ward, first_at, last_at FROM listening
            JOIN sensor ON sensor.number = listening.sensor
            """)
        while try rows.step() {
            let days = ISOWeek.day(rows.integer(4))...max(ISOWeek.day(rows.integer(4)), ISOWeek.day(rows.integer(5)))
            let codes = Self.services(ofKind: rows.integer(0)).filter(services.contains)
            let ward = rows.text(3)
            if kinds.contains(.ward), !ward.isEmpty { add(.ward, ward, codes, days) }
            if kinds.contains(.cell), !rows.isNull(1), !rows.isNull(2) {
                let cell = GridCell(latitude: rows.double(1), longitude: rows.double(2))
                for near in cell?.neighbourhood ?? [] { add(.cell, near.description, codes, days) }
            }
        }
    }

    private mutating func add(_ kind: PlaceKind, _ place: String, _ services: [String], _ days: ClosedRange<Int>) {
        for service in services {
            listening[kind, default: [:]][
                PlaceKey(name: place, service: service), default: Listening(windows: windows.levels + 2)
            ].add(firstDay: days.lowerBound, lastDay: days.upperBound, windows)
        }
    }

    /// Event time at which the first of a service's sensors was first heard; services that none serves are absent.
    ///
    /// Costs a look at each sensor.
    ///
    /// - Parameter wards: only sensors there; nil: all.
    static func sinceMs(_ db: Database, wards: [String]?) throws -> [String: Int64] {
        var condition = SQLCondition()
        condition.oneOf("ward", wards)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT sensor.kind AS kind, min(first_at) AS first FROM listening
                JOIN sensor ON sensor.number = listening.sensor WHERE \(condition.sql) GROUP BY sensor.kind
                """, arguments: condition.arguments)
        var since: [String: Int64] = [:]
        while let row = try rows.next() {
            for service in services(ofKind: row["kind"]) { since[service] = min(since[service] ?? .max, row["first"]) }
        }
        return since
    }

    /// nil where people report, who are everywhere.
    subscript(kind: PlaceKind, key: PlaceKey) -> Listening? {
        guard Self.sensed.contains(key.service) else { return nil }
        return listening[kind]?[key] ?? Listening(windows: windows.levels + 2)
    }

    func places(_ kind: PlaceKind) -> [PlaceKey] { Array((listening[kind] ?? [:]).keys) }

    /// Which services a sensor's readings are for. Any sensor can be at fault.
    private static func services(ofKind number: Int64) -> [String] {
        let fault = ServiceCode.sensorFault.rawValue
        return switch UInt8(exactly: number).flatMap(SensorKind.init) {
        case .waterLeak: [ServiceCode.waterLeak.rawValue, fault]
        case .traffic: [ServiceCode.trafficAnomaly.rawValue, fault]
        case .binFill: [ServiceCode.binFull.rawValue, fault]
        case .generic, nil: [fault]
        }
    }
}
