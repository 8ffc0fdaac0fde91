import Incidents
import Pipeline
import Readings

/// A processor under test, and short ways to feed it.
struct Stream {
    /// 2026-05-01T00:00:00Z, a Friday.
    static let start: Int64 = 1_777_593_600_000

    var processor: StreamProcessor

    init(_ configure: (inout PipelineConfiguration) -> Void = { _ in }) {
        var configuration = PipelineConfiguration()
        configure(&configuration)
        processor = StreamProcessor(configuration: configuration)
    }

    static func at(_ minute: Int64) -> Int64 { start + minute * 60_000 }

    func batch() -> CommitBatch { CommitBatch() }

    /// Introduces a sensor that policy admits.
    mutating func adopt(_ id: String, _ kind: SensorKind) -> SensorIndex {
        guard case .admitted(let index) = processor.admit(id: id, kind: kind, nowMs: Self.start, into: CommitBatch())
        else { preconditionFailure("\(id) was refused") }
        return index
    }

    func reading(
        _ sensor: SensorIndex, _ quantity: Quantity, minute: Int64, value: Double, arrival: Int64? = nil,
        source: UInt8 = 0
    ) -> Reading {
        Reading(
            sensor: sensor, quantity: quantity, observedAtMs: Self.at(minute), arrivedAtMs: Self.at(arrival ?? minute),
            value: value, source: source)
    }
}
