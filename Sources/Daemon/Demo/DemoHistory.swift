internal import Readings
internal import Simulation

/// Feeds a span of the city's past into the pipeline, with a progress bar.
struct DemoHistory {
    let city: SyntheticCity
    let fromMs: Int64
    let toMs: Int64

    /// - Throws: ``StoppedEarly``.
    func feed(_ feeder: inout StreamFeeder, until stop: StopFlag) throws {
        feeder.begin(atMs: fromMs)
        let sensors = city.sensors
        // Sensors are introduced when they first speak, as they are behind a broker.
        var indexes = [SensorIndex?](repeating: nil, count: sensors.count)
        let days = max(1, Int((toMs - fromMs + Demo.dayMs / 2) / Demo.dayMs))
        let bar = ProgressBar("History of \(days) day\(days == 1 ? "" : "s")", unit: "readings", total: 100)
        for reading in city.readings(fromMs: fromMs, toMs: toMs) {
            if indexes[reading.sensor] == nil {
                let sensor = sensors[reading.sensor]
                guard
                    case .admitted(let index) = feeder.introduce(
                        sensor.id, kind: sensor.kind, atMs: reading.observedAtMs)
                else { continue }
                indexes[reading.sensor] = index
            }
            guard let index = indexes[reading.sensor] else { continue }
            feeder.push(index, reading.quantity, observedAtMs: reading.observedAtMs, value: reading.value)
            if stop.isRaised { throw StoppedEarly() }
            if feeder.pushed & 0xFFF == 0 {
                bar.update(share: Double(reading.observedAtMs - fromMs) / Double(toMs - fromMs), done: feeder.pushed)
            }
        }
        feeder.finish(atMs: toMs)
        bar.finish(feeder.pushed)
    }
}
