import Detection
import Incidents
import Open311
import Readings
import Testing

/// Each public step that a signal led to leaves what it was decided by.
@Suite struct EvidenceMarkTests {
    @Test func everyStepHasItsMark() throws {
        var street = Street(holdOffMinutes: 60)
        var steps: [String] = []
        for (minute, mark) in "nannan".enumerated() {
            let batch = street.apply(mark, minute: minute)
            // What is public, and only that, has a mark with its number.
            #expect(batch.evidence.map(\.number) == batch.updates.map(\.number))
            #expect(batch.evidence.map(\.requestID) == batch.updates.map(\.requestID))
            for mark in batch.evidence {
                steps.append("\(minute) \(mark.event.name)")
                #expect(mark.verdict.observedAtMs == Street.start + Int64(minute) * 60_000)
                #expect(mark.fromMs == Street.start + 60_000 - Rule.binTilt.evidenceLeadMs)
            }
        }
        #expect(steps == ["1 opened", "2 closed", "4 reopened", "5 closed"])
    }

    @Test func theRequestSaysHowSureItIsAndWhereItsChartIs() throws {
        var street = Street()
        let request = try #require(street.apply("c", minute: 0).requests.first)
        #expect(request.confidence.map { (0.5..<1).contains($0) } == true)
        #expect(request.mediaURL == "/media/requests/1.png")
        #expect(request.evidenceFromMs == Street.start - Rule.binTilt.evidenceLeadMs)
        #expect(request.estimate == nil, "a bin on its side costs nothing that is known")
    }

    @Test func aSignatureTellsRulesApart() {
        let (parameters, policies) = (DetectionParameters(), RulePolicies())
        let usual = RuleSignatures(detection: parameters, policies: policies)
        let again = RuleSignatures(detection: DetectionParameters(), policies: RulePolicies())
        for rule in Rule.allCases {
            #expect(usual[rule] == again[rule])
            #expect(usual[rule].hash.count == 16)
        }
        var stricter = parameters
        stricter.burst.rise = 0.2
        var patient = policies
        patient[.congestion].lifecycle.pendingMs += 1
        let changed = RuleSignatures(detection: stricter, policies: patient)
        let others = Rule.allCases.filter { usual[$0].hash != changed[$0].hash }
        #expect(others == [.burst, .congestion])
        #expect(changed[.burst].parameters.contains { $0.name == "rise" && $0.value == "0.2" })
        #expect(usual[.binForecast].parameters.contains { $0.name == "lead_time_ms" && $0.value == "14400000" })
        #expect(usual[.congestion].parameters.contains { $0.name == "slack_kmh" })
    }
}
