import Detection
import Incidents
import Open311
import Testing

@Suite struct AlarmBudgetTests {
    private func scored(_ rule: Rule, _ scores: [Double], _ verdict: StaffVerdict = .unreviewed) -> [AlarmBudget.Scored]
    {
        scores.map { AlarmBudget.Scored(rule: rule, score: $0, verdict: verdict) }
    }

    @Test func enoughRoomChangesNothing() {
        let budget = AlarmBudget(scored(.burst, [3, 4, 5]), days: 3, perDay: 1)
        #expect(budget.lines.map(\.leastScore) == [0])
        #expect(budget.kept == 3)
    }

    @Test func eachRuleKeepsTheSameShareOfItsHighestScores() throws {
        let found = scored(.nightFlow, (1...40).map { Double($0) / 10 }) + scored(.meterNeverZero, [9, 1, 7, 3])
        let budget = AlarmBudget(found, days: 11, perDay: 1)
        #expect(budget.requests == 44 && budget.kept == 11)
        let night = try #require(budget.lines.first { $0.rule == .nightFlow })
        let least = try #require(night.leastScore)
        #expect(night.kept == 10 && least > 3.0 && least <= 3.1)
        let meter = try #require(budget.lines.first { $0.rule == .meterNeverZero }?.leastScore)
        #expect(meter > 7 && meter <= 9)
    }

    @Test func equalScoresAreKeptOrLeftOutTogether() {
        let budget = AlarmBudget(scored(.burst, [5, 5, 5, 2]), days: 1, perDay: 2)
        #expect(budget.kept == 0)
        #expect((budget.lines[0].leastScore ?? 0) > 5)
    }

    @Test func silenceAndFireAreNeverCutButCount() throws {
        let found = scored(.binFire, [60, 70]) + scored(.binFull, [0.8, 0.9, 0.95, 0.85])
        let budget = AlarmBudget(found, days: 1, perDay: 4)
        let fire = try #require(budget.lines.first { $0.rule == .binFire })
        #expect(fire.leastScore == nil && fire.kept == 2)
        #expect(budget.kept == 4)
        #expect(AlarmBudget(scored(.silence, [40, 50]), days: 1, perDay: 0).kept == 2)
    }

    @Test func tellsWhatStaffHadFoundOfThoseLeftOut() {
        let found = scored(.burst, [1], .falseAlarm) + scored(.burst, [2], .confirmed) + scored(.burst, [8, 9])
        let line = AlarmBudget(found, days: 1, perDay: 2).lines[0]
        #expect((line.kept, line.realLost, line.falseLost) == (2, 1, 1))
    }

    @Test func nothingIsNeededForNothing() {
        #expect(AlarmBudget([], days: 1, perDay: 0).lines.isEmpty)
    }
}
