/// The parameters by name, and how to read each sort of value.
struct QueryParameters {
    private var values: [String: [String]] = [:]

    init(_ parameters: [(name: String, value: String)]) {
        for (name, value) in parameters where !value.isEmpty { values[name, default: []].append(value) }
    }

    /// The first value; an empty parameter equals an absent one.
    func first(_ name: String) -> String? { values[name]?.first }

    func time(_ name: String) throws(GeoReportError) -> Int64? {
        guard let text = values[name]?.first else { return nil }
        guard let time = W3CDateTime(text) else {
            throw .badParameter(
                name, "must be a date and time with its zone, like 2026-11-21T20:34:05Z", found: text)
        }
        return time.milliseconds
    }

    /// A range of times as documents show them, both ends inclusive: in milliseconds, for comparing with exact times.
    ///
    /// - Parameter longestMs: of a range; one that is given half is completed to this. nil: any, and left open.
    func range(
        _ startName: String, _ endName: String, longestMs: Int64? = nil
    ) throws(GeoReportError) -> (Int64?, Int64?) {
        var start = try time(startName)
        var end = try time(endName)
        if let start, let end {
            guard start <= end else {
                throw GeoReportError(code: 400, "\(endName): must not lie before \(startName)")
            }
            if let longestMs, end - start > longestMs {
                throw GeoReportError(
                    code: 400, "\(endName): must lie within \(longestMs / 86_400_000) days of \(startName)")
            }
        }
        if let longestMs, start != nil || end != nil {
            (start, end) = (start ?? end! - longestMs, end ?? start! + longestMs)
        }
        return (start.map(ShownTime.first(notBefore:)), end.map(ShownTime.last(notAfter:)))
    }

    func hasOne(of names: [String]) -> Bool { names.contains { values[$0] != nil } }

    func boolean(_ name: String) throws(GeoReportError) -> Bool? {
        switch values[name]?.first {
        case nil: return nil
        case "true": return true
        case "false": return false
        case let other?: throw .badParameter(name, "must be true or false", found: other)
        }
    }

    /// Whether a parameter that takes one word alone is there.
    func isSet(_ name: String, to word: String) throws(GeoReportError) -> Bool {
        guard let text = first(name) else { return false }
        guard text == word else { throw .badParameter(name, "must be \(word), or left out", found: text) }
        return true
    }

    func number(_ name: String, in range: ClosedRange<Int>) throws(GeoReportError) -> Int? {
        guard let text = values[name]?.first else { return nil }
        guard let number = decimal(text), range.contains(Int(number)) else {
            throw .badParameter(
                name, "must be a number from \(range.lowerBound) to \(range.upperBound)", found: text)
        }
        return Int(number)
    }

    func ids(_ name: String) throws(GeoReportError) -> [Int64]? {
        guard let texts = items(name) else { return nil }
        guard texts.count <= RequestSearch.mostRows else {
            throw GeoReportError(code: 400, "\(name): at most \(RequestSearch.mostRows) ids, found \(texts.count)")
        }
        var ids: [Int64] = []
        for text in texts {
            guard let id = decimal(text), id > 0 else {
                throw .badParameter(name, "must be ids separated by commas, like 12,15", found: text)
            }
            ids.append(id)
        }
        return ids
    }

    func list<Value>(
        _ name: String, expecting allowed: [String], read: (String) -> Value?
    ) throws(GeoReportError) -> [Value]? {
        guard let texts = items(name) else { return nil }
        var list: [Value] = []
        for text in texts {
            guard let value = read(text) else {
                throw .badParameter(name, "must be of \(allowed.joined(separator: ", "))", found: text)
            }
            list.append(value)
        }
        return list
    }

    /// The comma-separated parts, trimmed, empty ones left out; nil when nothing is left.
    private func items(_ name: String) -> [String]? {
        let parts = (values[name] ?? []).flatMap { $0.split(separator: ",") }
        let items = parts.map { String($0.trimming(" ")) }.filter { !$0.isEmpty }
        return items.isEmpty ? nil : items
    }

    /// Plain ASCII digits: no sign, no 0x, no other script's digits.
    private func decimal(_ text: String) -> Int64? {
        guard text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        return Int64(text)
    }
}

extension Substring {
    fileprivate func trimming(_ unwanted: Character) -> Substring {
        let front = drop { $0 == unwanted }
        guard let last = front.lastIndex(where: { $0 != unwanted }) else { return "" }
        return front[...last]
    }
}
