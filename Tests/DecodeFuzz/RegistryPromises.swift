import Readings

/// A registry of points says what the same registry says as rows.
func fuzzSensorPoints(_ text: borrowing Span<UInt8>) {
    let points = SensorTable(geoJSON: text)
    for problem in points.problems {
        precondition(problem.line >= 1 && !problem.text.isEmpty, "a problem without a place")
    }
    let ids = points.sensors.map(\.id)
    precondition(Set(ids).count == ids.count, "an id twice")
    let rows = Array(points.csv.utf8)
    let again = SensorTable(rows.span)
    precondition(again.problems.isEmpty, "\(again.problems)")
    precondition(again.sensors == points.sensors, "the registry changed")
}
