import Detection
import Foundation
import Incidents
import Open311
import Readings
import Testing

/// `fixtures/words/requests.txt` holds what is written about requests: each rule's words, and those of what people do.
///
/// The pages say it in the reader's language, and their tests read the same file: what is worded anew here must be worded
/// anew in the pages' catalogue.
@Suite struct SpokenTextTests {
    @Test func whatIsWrittenOfRequestsIsWhatThePagesCanSay() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../fixtures/words/requests.txt").standardized
        let kept = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        var seen: Set<String> = []
        let texts = try
            (Self.ofRules() + Self.ofASlowClock() + Self.ofOneFilling() + Self.ofPeople() + Self.ofParts()
            + Self.ofStaff())
            .filter { !$0.isEmpty && seen.insert($0).inserted }
        #expect(texts == kept, "what is written now:\n\(texts.joined(separator: "\n"))")
    }

    /// Every rule opens, grows worse, is joined, clears and comes back, as what has an address and as what has a zone.
    private static func ofRules() -> [String] {
        Rule.allCases.flatMap { rule in
            [false, true].flatMap { hasZone in ofRule(rule, hasZone: hasZone) }
        }
    }

    private static func ofRule(_ rule: Rule, hasZone: Bool) -> [String] {
        let sensors = (0..<3).map { number in
            var sensor = Sensor.bin("s-\(number)", northM: Double(number) * 400)
            (sensor.kind, sensor.gateway) = (kind(of: rule), "gw-7")
            sensor.zone = hasZone ? "Aston" : nil
            return sensor
        }
        var civic = Civic(Street(rule: rule, sensors: sensors, holdOffMinutes: 60))
        let verdicts: [(condition: Verdict.Condition, minute: Int64, sensor: UInt32, change: (inout Verdict) -> Void)] =
            [
                (.critical, 0, 0, { _ in }),
                (.critical, 5, 1, { $0.observed += 40 }),
                (.critical, 9, 0, { ($0.score, $0.estimate) = (50, Interval(value: 9123, low: 6044, high: 12_210)) }),
                (.normal, 20, 0, { $0.observed = 9 }), (.normal, 30, 1, { $0.observed = 9 }),
                (.normal, 3000, 0, { $0.observed = 9 }), (.normal, 3001, 1, { $0.observed = 9 }),
                (.critical, 3005, 0, { ($0.estimate, $0.forecastMs) = (Interval(value: 62, low: 62, high: 62), 0) }),
            ]
        for (condition, minute, sensor, change) in verdicts {
            let atMs = Street.start + minute * 60_000
            var verdict = Verdict(
                rule: rule, condition: condition, quantity: quantity(of: rule), observedAtMs: atMs,
                onsetMs: min(atMs, Street.start), score: 5, observed: 58.12, expected: 40.2, threshold: 85)
            (verdict.forecastMs, verdict.forecastLowMs) = (atMs + 7_200_000, atMs + 3_600_000)
            change(&verdict)
            let subject: Subject = rule == .gatewaySilence ? .gateway(0) : .sensor(SensorIndex(rawValue: sensor))
            civic.sense(verdict, subject, nowMs: atMs)
        }
        return civic.texts
    }

    /// A clock is behind as well as ahead.
    private static func ofASlowClock() -> [String] {
        var civic = Civic(Street(rule: .clock, sensors: [.bin()]))
        let verdict = Verdict(
            rule: .clock, condition: .abnormal, quantity: .fill, observedAtMs: Street.start, onsetMs: Street.start,
            score: 120, observed: -120, expected: 0, threshold: 0)
        civic.sense(verdict, .sensor(SensorIndex(rawValue: 0)), nowMs: Street.start)
        return civic.texts
    }

    /// A bin is full, and by a load that was tipped in.
    private static func ofOneFilling() -> [String] {
        [(Rule.binFull, Rule.binDumping), (.binDumping, .binFull)].flatMap { first, second in
            var civic = Civic(Street(rule: first, sensors: [.bin()]))
            for rule in [first, second] {
                let verdict = Verdict(
                    rule: rule, condition: .abnormal, quantity: .fill, observedAtMs: Street.start,
                    onsetMs: Street.start, score: 5, observed: 97, expected: 20, threshold: 85)
                civic.sense(verdict, .sensor(SensorIndex(rawValue: 0)), nowMs: Street.start)
            }
            return civic.texts
        }
    }

    /// People report what is known, and what sensors meet later; one closes with the other.
    private static func ofPeople() throws -> [String] {
        var civic = Civic(Street(sensors: [.bin()], holdOffMinutes: 60))
        try civic.report(minute: 0)
        civic.sense("c", minute: 1)
        for minute in 2...3 { try civic.report(minute: minute) }
        civic.sense("n", minute: 4)
        civic.sense("c", minute: 6)
        try civic.report(.waterLeak, minute: 8) { $0.address = "2 Mill Lane" }
        return civic.texts
    }

    /// One department's request has a part for another.
    private static func ofParts() throws -> [String] {
        var routing = Routing()
        var both = Routing.Rule(service: .waterLeak)
        (both.agency, both.parts) = ("Water", [.init(service: .trafficAnomaly, agency: "Highways")])
        routing.rules = [both]
        var civic = Civic(Street(rule: .burst, sensors: [.flow("m1", zone: "Aston")], routing: routing))
        civic.sense("c", minute: 0)
        civic.sense("n", minute: 9)
        var grave = Routing.Rule(service: .binFull)
        (grave.leastSeverity, grave.agency) = (3, "Environmental Health")
        routing.rules = [grave]
        var bins = Civic(Street(sensors: [.bin()], routing: routing))
        for minute in 0...2 { try bins.report(minute: minute) }
        bins.sense("c", minute: 3)
        let other = try bins.report(.waterLeak, minute: 4, metres: 5000)
        let sensed = try #require(bins.requests.values.first { $0.origin == .sensor }).id
        bins.update(sensed, minute: 5) { $0.duplicateOf = other }
        bins.update(other, .fixed, minute: 6)
        return civic.texts + bins.texts
    }

    /// What staff says with a word alone, or with a finding.
    private static func ofStaff() throws -> [String] {
        var civic = Civic(Street(sensors: [.bin()]))
        civic.sense("c", minute: 0)
        for word in UpdateWord.allCases { civic.update(1, word, minute: 10) }
        for verdict in StaffVerdict.allCases { civic.update(1, minute: 11) { $0.verdict = verdict } }
        var fixed = Civic(Street(sensors: [.bin()]))
        fixed.sense("c", minute: 0)
        fixed.update(1, .fixed, minute: 1)
        for minute in [50, 100] { fixed.sense("c", minute: minute) }
        fixed.update(1, .closed, minute: 101)
        for minute in [150, 200] { fixed.sense("c", minute: minute) }
        var parted = Civic(Street(sensors: [.bin()]))
        let first = try parted.report(minute: 0)
        let second = try parted.report(minute: 1)
        #expect(try parted[second].parentID == first)
        parted.update(second, minute: 2) { $0.isNoDuplicate = true }
        return civic.texts + fixed.texts + parted.texts
    }

    private static func kind(of rule: Rule) -> SensorKind {
        switch rule.service {
        case .waterLeak: .waterLeak
        case .trafficAnomaly: .traffic
        case .binFull: .binFill
        default: .generic
        }
    }

    private static func quantity(of rule: Rule) -> Quantity {
        switch rule {
        case .burst, .nightFlow, .drift: .flow
        case .meterNeverZero: .meterFlow
        case .wetContact: .wetness
        case .leakNoise: .noise
        case .congestion: .speed
        case .trafficDrop: .vehicleFlow
        case .binFull, .binForecast, .binDumping: .fill
        case .binFire: .temperature
        case .binTilt: .tilt
        default: .generic
        }
    }
}

extension Civic {
    /// A verdict as it is, arriving at `nowMs`.
    fileprivate mutating func sense(_ verdict: Verdict, _ subject: Subject, nowMs: Int64) {
        let batch = CommitBatch()
        street.book.apply(verdict, to: subject, nowMs: nowMs, directory: street.directory, into: batch)
        take(batch)
    }
}
