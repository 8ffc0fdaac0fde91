extension MessageDecoder {
    /// Decodes comma-separated values (RFC 4180): one moment a line, columns named by the route or by the first line.
    ///
    /// An empty cell has no measurement. A number may be quoted.
    mutating func decodeCSV(
        _ payload: borrowing Span<UInt8>, plan: RoutePlan, topic: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) {
        let known = try openTopicSensor(plan, topic: topic, arrival: arrival)
        var reader = CellReader(delimiter: plan.route.delimiter.utf8.first ?? UInt8(ascii: ","))
        let hasHeader = plan.route.columns.isEmpty
        if hasHeader {
            guard try reader.nextLine(of: payload, into: &plan.header) else {
                throw DecodeError(malformed: "a first line that names the columns", payload, at: 0)
            }
        }
        let columnCount = hasHeader ? plan.header.count : plan.route.columns.count
        let sensor = column(plan.route.sensorField, plan, payload)
        let time = column(plan.route.timeField, plan, payload)
        let counter = column(plan.route.counterField, plan, payload)
        while try reader.nextLine(of: payload, into: &plan.cells) {
            if plan.cells.count != columnCount {
                let start = plan.cells.first?.lowerBound ?? 0
                throw DecodeError(malformed: "as many cells as columns", payload, at: start)
            }
            var moment: Moment
            if let known { moment = known } else { moment = try rowSensor(sensor, plan, payload, arrival: arrival) }
            if let atMs = try rowTime(time, plan, payload) { (moment.atMs, moment.hasOwnTime) = (atMs, true) }
            if let counter, let count = DecimalText.integer(payload.extracting(plan.cells[counter])) {
                moment.counter = Self.readingCounter(min(count, Int64(UInt32.max)))
            }
            takeRow(plan, payload, at: moment)
        }
        if message.measurements.isEmpty { throw message.flaws.first ?? Self.nothingFound(plan.fields) }
    }

    private mutating func takeRow(_ plan: RoutePlan, _ payload: borrowing Span<UInt8>, at moment: Moment) {
        for field in plan.fields {
            guard let column = column(named: field.path, plan, payload) else { continue }
            let cell = payload.trimmedRange(plan.cells[column])
            if cell.isEmpty { continue }
            do throws(DecodeError) {
                let value = try Self.lone(payload.extracting(cell), of: field, mounting: moment.mounting)
                append(value, of: field, at: moment)
            } catch {
                message.passOver(error)
            }
        }
    }

    private mutating func rowSensor(
        _ column: Int?, _ plan: RoutePlan, _ payload: borrowing Span<UInt8>, arrival: Arrival
    ) throws(DecodeError) -> Moment {
        guard let column else {
            let path = Array((plan.route.sensorField ?? "sensor").utf8)
            throw DecodeError(.missingField, field: Excerpt(path), .present, found: Excerpt())
        }
        let id = payload.trimmedRange(plan.cells[column])
        return try openSensor(payload.extracting(id), plan, field: "sensor", arrival: arrival)
    }

    private func rowTime(
        _ column: Int?, _ plan: RoutePlan, _ payload: borrowing Span<UInt8>
    ) throws(DecodeError) -> Int64? {
        guard let column, let name = plan.route.timeField else { return nil }
        let cell = payload.trimmedRange(plan.cells[column])
        if cell.isEmpty { return nil }
        let text = payload.extracting(cell)
        let read = Self.time(text: text, unit: plan.route.timeUnit)
        let excerpt = Excerpt(quoting: text)
        return try Self.inRange(read, field: Excerpt(Array(name.utf8)), found: excerpt)
    }

    private func column(_ name: String?, _ plan: RoutePlan, _ payload: borrowing Span<UInt8>) -> Int? {
        name.flatMap { column(named: Array($0.utf8), plan, payload) }
    }

    private func column(named name: [UInt8], _ plan: RoutePlan, _ payload: borrowing Span<UInt8>) -> Int? {
        if !plan.route.columns.isEmpty { return plan.route.columns.firstIndex { $0.utf8.elementsEqual(name) } }
        for (index, range) in plan.header.enumerated()
        where payload.extracting(payload.trimmedRange(range)).hasSameBytes(as: name.span) {
            return index
        }
        return nil
    }
}

/// Parts a text into lines and cells without copying: a cell is the range of its text, quotation marks left out.
private struct CellReader {
    let delimiter: UInt8
    private var position = 0

    init(delimiter: UInt8) { self.delimiter = delimiter }

    /// The next line that is not empty; false at the end.
    mutating func nextLine(of text: borrowing Span<UInt8>, into cells: inout [Range<Int>]) throws(DecodeError) -> Bool {
        while position < text.count, text[position] == UInt8(ascii: "\n") || text[position] == UInt8(ascii: "\r") {
            position += 1
        }
        cells.removeAll(keepingCapacity: true)
        if position >= text.count { return false }
        while true {
            cells.append(try cell(of: text))
            if position < text.count, text[position] == delimiter {
                position += 1
            } else {
                return true
            }
        }
    }

    private mutating func cell(of text: borrowing Span<UInt8>) throws(DecodeError) -> Range<Int> {
        var start = position
        while start < text.count, text[start] == UInt8(ascii: " ") { start += 1 }
        if start < text.count, text[start] == UInt8(ascii: "\"") { return try quotedCell(of: text, from: start + 1) }
        start = position
        while position < text.count, text[position] != delimiter, text[position] != UInt8(ascii: "\n") { position += 1 }
        return start..<position
    }

    /// A quotation mark within such a cell is refused: no name, time or number has one.
    private mutating func quotedCell(of text: borrowing Span<UInt8>, from start: Int) throws(DecodeError) -> Range<Int>
    {
        position = start
        while position < text.count, text[position] != UInt8(ascii: "\"") { position += 1 }
        guard position < text.count else {
            throw DecodeError(malformed: "a quotation mark that closes the cell", text, at: position)
        }
        let end = position
        position += 1
        while position < text.count, text[position] == UInt8(ascii: " ") || text[position] == UInt8(ascii: "\r") {
            position += 1
        }
        guard position == text.count || text[position] == delimiter || text[position] == UInt8(ascii: "\n") else {
            throw DecodeError(malformed: "the cell's end", text, at: position)
        }
        return start..<end
    }
}
