internal import Backtest
internal import Foundation
internal import Pipeline
internal import Readings
internal import Settings

/// Replays recordings under the rules of a configuration file.
struct BacktestRun {
    /// The file that gives the rules; nil for the defaults.
    let rules: String?
    private let configuration: Configuration

    /// - Throws: every problem of the file.
    init(rules: String?) throws {
        self.rules = rules
        // The environment says nothing here: the same file gives the same figures everywhere.
        var configuration = try Configuration.load(path: rules, environment: [:]).configuration
        configuration.sensors.mode = .adopt
        configuration.sensors.file = nil
        configuration.time.zone = configuration.time.zone ?? "UTC"
        self.configuration = configuration
    }

    func replay(_ recording: Recording, registry: [Sensor]) throws -> Replay.Outcome {
        let settings = try configuration.pipelineConfiguration(registry: registry, environment: [:])
        let bar = ProgressBar("Replaying", unit: "readings", total: recording.rows.count)
        let outcome = Replay(configuration: settings).run(recording) { bar.update($0) }
        bar.finish(recording.rows.count)
        return outcome
    }

    /// Every series by itself: they are of different years, and nothing joins them.
    func scores(_ series: [NABSeries]) throws -> [(name: String, score: NABScore)] {
        let settings = try configuration.pipelineConfiguration(environment: [:])
        let bar = ProgressBar("Replaying", unit: "readings", total: series.reduce(0) { $0 + $1.timesMs.count })
        var done = 0
        let scores = series.map { series in
            let outcome = Replay(configuration: settings).run(series.recording) { bar.update(done + $0) }
            done += series.timesMs.count
            return (series.file, series.score(outcome.incidents))
        }
        bar.finish(done)
        return scores
    }
}
