import Readings

// What each reader promises of whatever it takes.

/// Any payload, on any kind of topic: measurements are finite, in range, sorted and of a sound sensor.
func fuzzMessage(_ payload: borrowing Span<UInt8>) {
    var decoder = MessageDecoder(routes: RouteTable([.standard]), longestPayload: 4096)
    for kind in ["generic", "water-leak", "traffic", "bin-fill"] {
        let topic = Array("sluice/\(kind)/s-1".utf8)
        do throws(DecodeError) {
            try decoder.decode(topic: topic.span, payload: payload, arrivedAtMs: Timestamp.earliestMs)
        } catch {
            precondition(!error.description.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a control character in a log")
            continue
        }
        let message = decoder.message
        precondition(!message.measurements.isEmpty, "a message without a measurement")
        precondition(Sensor.problem(withID: message.sensorID) == nil, "an unsound id")
        var lastMs = Int64.min
        for measurement in message.measurements {
            precondition(measurement.value.magnitude <= 1e12, "out of range")
            precondition(measurement.counter >= -1, "a negative counter")
            precondition((Timestamp.earliestMs..<Timestamp.endMs).contains(measurement.observedAtMs), "out of time")
            precondition(measurement.observedAtMs >= lastMs, "unsorted")
            lastMs = measurement.observedAtMs
        }
    }
}

/// What is read is written back as the same moment.
func fuzzTimestamp(_ text: borrowing Span<UInt8>) {
    guard let ms = Timestamp.parse(text) else { return }
    let written = Timestamp.format(ms, milliseconds: true)
    // Offsets may lead just out of the four-digit years.
    guard (-62_167_219_200_000..<253_402_300_800_000).contains(ms) else { return }
    precondition(Timestamp.parse(written) == ms, "\(written) is not \(ms)")
}

/// Pattern and topic, parted by a line end: a pattern that is taken matches its own filter's literal levels.
func fuzzTopicPattern(_ input: borrowing Span<UInt8>) {
    var parts: [[UInt8]] = [[]]
    for index in input.indices {
        if input[index] == UInt8(ascii: "\n") && parts.count == 1 {
            parts.append([])
        } else {
            parts[parts.count - 1].append(input[index])
        }
    }
    guard let pattern = try? TopicPattern(String(decoding: parts[0], as: UTF8.self)) else { return }
    var captures = TopicCaptures()
    let topic = parts.count > 1 ? parts[1] : Array(pattern.filter.utf8)
    if pattern.matches(topic.span, captures: &captures) {
        for index in 0..<captures.count {
            precondition(!topic[captures[index]].contains(UInt8(ascii: "/")), "a capture of two levels")
        }
    }
    // Read as a topic, a filter without a leading wildcard matches itself.
    let filter = Array(pattern.filter.utf8)
    precondition(pattern.matches(filter.span, captures: &captures), "\(pattern) does not match its own filter")
    precondition(captures.count == pattern.captureNames.count, "a capture is missing")
}

/// The same rows, or the same error, whether the file comes at once or in two parts.
func fuzzReadingsCSV(_ text: borrowing Span<UInt8>) {
    let whole = readRows(text, cutAt: 0)
    for cut in [1, text.count / 2, max(0, text.count - 1)] where cut <= text.count {
        precondition(readRows(text, cutAt: cut) == whole, "cut at \(cut)")
    }
}

private struct Rows: Equatable {
    var rows: [ReadingsCSV.Row] = []
    var error: ReadingsCSV.RowError?
}

private func readRows(_ text: borrowing Span<UInt8>, cutAt cut: Int) -> Rows {
    var reader = ReadingsCSV()
    var read = Rows()
    do {
        try reader.read(text.extracting(0..<cut)) { _, row in read.rows.append(row) }
        try reader.read(text.extracting(cut..<text.count)) { _, row in read.rows.append(row) }
        try reader.finish { _, row in read.rows.append(row) }
    } catch {
        read.error = error as? ReadingsCSV.RowError
    }
    precondition(read.rows.allSatisfy(\.value.isFinite), "a value that is not finite")
    return read
}

/// What is read is written and read again as the same.
func fuzzSensorTable(_ text: borrowing Span<UInt8>) {
    let sensors = SensorTable(csv: text).sensors
    let written = Array(SensorTable(sensors: sensors).csv.utf8)
    let again = SensorTable(csv: written.span)
    precondition(again.problems.isEmpty, "\(again.problems)")
    precondition(again.sensors == sensors, "the registry changed")
}
