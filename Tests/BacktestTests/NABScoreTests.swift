import Backtest
import Foundation
import Testing

@Suite struct NABScoreTests {
    /// A thousand rows a minute apart; two windows of a hundred rows.
    private let timesMs = (0..<1000).map { Sets.at($0) }
    private let windowsMs = [Sets.at(300)...Sets.at(399), Sets.at(700)...Sets.at(799)]

    private func score(_ minutes: [Int64], _ profile: NABProfile = .standard) -> NABScore {
        NABScore(alarmsMs: minutes.map(Sets.at), timesMs: timesMs, windowsMs: windowsMs, profile: profile)
    }

    private func sigmoid(_ position: Double) -> Double { 2 / (1 + exp(5 * position)) - 1 }

    @Test func silenceIsWorthNothingAndPerfectionAHundred() {
        #expect(score([]).normalised == 0)
        #expect(score([300, 700]).normalised == 100)
        #expect(score([300, 700]).hits == 2)
    }

    @Test func aLateHitIsWorthLess() {
        // The paper's scale: 1 at the left end, nearly 0 at the right one.
        let middle = score([350, 700])
        #expect(abs(middle.raw - (1 + sigmoid(-0.5) / sigmoid(-1))) < 1e-12)
        let last = score([399, 700])
        #expect(abs(last.raw - (1 + sigmoid(-0.01) / sigmoid(-1))) < 1e-12)
    }

    @Test func onlyTheFirstAlarmOfAWindowCounts() {
        #expect(score([300, 310, 399, 700]).raw == score([300, 700]).raw)
    }

    @Test func falseAlarmsCostMoreTheFartherTheyAreBehindAWindow() {
        #expect(abs(score([200, 300, 700]).raw - (2 - 0.11)) < 1e-12)
        let near = 0.11 * sigmoid(10.0 / 99)
        #expect(abs(score([300, 409, 700]).raw - (2 + near)) < 1e-12)
        #expect(abs(score([300, 699, 700]).raw - (2 - 0.11)) < 1e-5)
        #expect(score([300, 409, 700]).falseAlarms == 1)
    }

    @Test func alarmsWhileTheDetectorLearnsCountNothing() {
        #expect(score([0, 149, 300, 700]).normalised == 100)
        #expect(score([150, 300, 700]).normalised < 100)
    }

    @Test func anAlarmBetweenRowsCountsAtTheNext() {
        let between = NABScore(
            alarmsMs: [Sets.at(299) + 30_000, Sets.at(700)], timesMs: timesMs, windowsMs: windowsMs)
        #expect(between.normalised == 100)
    }

    @Test func aMissCostsTwiceWhereMissesAreDear() {
        #expect(score([300], .fewMisses).raw == -1)
        #expect(score([300]).raw == 0)
        #expect(abs(score([200, 300, 700], .fewFalseAlarms).raw - (2 - 0.22)) < 1e-12)
    }

    @Test func readsTheBenchmarksFiles() throws {
        let csv = "timestamp,value\n2015-09-01 11:30:00,12.5\n2015-09-01 11:35:00,-1e3\r\n"
        let json = #"{"b/x.csv":[["2015-09-01 11:30:00.000000","2015-09-01 11:35:00.000000"]],"a/y.csv":[]}"#
        let windows = try NABSeries.windows(json: Array(json.utf8))
        #expect(windows.map(\.file) == ["a/y.csv", "b/x.csv"])
        let series = try NABSeries(file: "b/x.csv", csv: Array(csv.utf8), windowsMs: windows[1].windowsMs)
        #expect(series.values == [12.5, -1000])
        #expect(series.windowsMs == [series.timesMs[0]...series.timesMs[1]])
        #expect(throws: SetError.self) { try NABSeries(file: "x", csv: Array("t,v\n2015,1\n".utf8), windowsMs: []) }
    }
}
