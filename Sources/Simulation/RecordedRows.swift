import Readings
internal import TimeBase

/// Collects the rows of one sensor from a file of readings, day by local day.
struct RecordedRows {
    let sensor: String
    let utcOffsetS: Int
    private(set) var quantities: [Quantity] = []
    private(set) var days: [Int64: RecordedSeries.Day] = [:]

    init(sensor: String, utcOffsetS: Int) { (self.sensor, self.utcOffsetS) = (sensor, utcOffsetS) }

    mutating func read(_ csv: [UInt8]) throws(RecordingError) {
        var number = 0
        for line in csv.split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            if line.isEmpty { continue }
            let fields = line.split(separator: 0x2C, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard fields.count == 5 else {
                throw RecordingError(line: number, problem: "must have 5 fields, has \(fields.count)")
            }
            if number == 1 && fields[0] == "timestamp" || fields[1] != sensor { continue }
            try add(fields, line: number)
        }
    }

    private mutating func add(_ fields: [String], line: Int) throws(RecordingError) {
        guard let atMs = Timestamp.parse(fields[0]) else {
            throw RecordingError(line: line, problem: "a time looks like 2016-01-04T08:00:00Z, found \(fields[0])")
        }
        guard let quantity = Quantity(name: fields[3]) else {
            throw RecordingError(line: line, problem: "unknown metric \(fields[3])")
        }
        guard let value = Double(fields[4]), value.isFinite else {
            throw RecordingError(line: line, problem: "a value must be a finite number, found \(fields[4])")
        }
        if !quantities.contains(quantity) { quantities.append(quantity) }
        let column = quantities.firstIndex(of: quantity)!
        let localS = atMs / 1000 + Int64(utcOffsetS)
        let (day, secondOfDay) = (floorDivide(localS, 86_400), floorModulo(localS, 86_400))
        var recorded = days[day] ?? RecordedSeries.Day()
        while recorded.values.count <= column { recorded.values.append(RecordedSeries.Day.nothing) }
        recorded.values[column][Int(secondOfDay / 300)] = value
        days[day] = recorded
    }
}
