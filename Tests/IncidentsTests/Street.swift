import Detection
import Incidents
import Open311
import Readings

/// A street with a few sensors and one rule under test, driven a minute at a time.
struct Street {
    /// 2026-05-01T00:00:00Z.
    static let start: Int64 = 1_777_593_600_000

    var book: IncidentBook
    var directory: SensorDirectory
    let rule: Rule

    init(
        rule: Rule = .binTilt, sensors: [Sensor] = [Sensor(id: "bin-0", kind: .binFill)], pendingMinutes: Int64 = 0,
        clearMinutes: Int64 = 0, holdOffMinutes: Int64 = 0, isEnabled: Bool = true,
        catalog: ServiceCatalog = .standard, routing: Routing = Routing(), zone: ZoneTable = .utc
    ) {
        self.rule = rule
        var policies = RulePolicies()
        policies[rule].isEnabled = isEnabled
        policies[rule].lifecycle = LifecyclePolicy(
            pendingMs: pendingMinutes * 60_000, clearMs: clearMinutes * 60_000, holdOffMs: holdOffMinutes * 60_000)
        book = IncidentBook(policies: policies, catalog: catalog, routing: routing)
        directory = SensorDirectory(zone: zone)
        for sensor in sensors { directory.append(sensor) }
    }

    /// Applies the verdict that `mark` stands for and returns what the store would be given.
    mutating func apply(
        _ mark: Character, minute: Int, subject: Subject = .sensor(SensorIndex(rawValue: 0)), observed: Double = 30,
        expected: Double = 20, score: Double = 5, arrivingAfterS: Int64 = 0, rule: Rule? = nil
    ) -> CommitBatch {
        let condition: Verdict.Condition =
            switch mark {
            case "a": .abnormal
            case "b": .between
            case "c": .critical
            case "u": .unknown
            default: .normal
            }
        let at = Self.start + Int64(minute) * 60_000
        let verdict = Verdict(
            rule: rule ?? self.rule, condition: condition, quantity: .flow, observedAtMs: at, onsetMs: at,
            score: score, observed: observed, expected: expected, threshold: 25)
        let batch = CommitBatch()
        book.apply(verdict, to: subject, nowMs: at + arrivingAfterS * 1000, directory: directory, into: batch)
        return batch
    }
}

extension Sensor {
    /// A flow sensor of a water zone.
    static func flow(_ id: String, zone: String, latitude: Double = 52.5, gateway: String? = nil) -> Sensor {
        var sensor = Sensor(id: id, kind: .waterLeak)
        sensor.zone = zone
        sensor.gateway = gateway
        sensor.ward = "Aston"
        sensor.position = Position(latitude: latitude, longitude: -1.9)
        return sensor
    }
}
