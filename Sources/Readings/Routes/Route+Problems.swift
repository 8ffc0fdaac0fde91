extension Route {
    /// Every problem that keeps the route from decoding anything, each starting with the key it is about.
    public func problems() -> [String] {
        var found: [String] = []
        if effectiveKind == nil && topic.kindCapture == nil {
            found.append("kind: must be given, because the topic \(topic) has no {kind}")
        }
        found += loneValueProblems()
        if format == .flatJSON { return found + flatProblems() }
        if let sensor, let problem = SensorTemplate.problem(sensor, topic: topic) { found.append("sensor: \(problem)") }
        for (key, path) in [("sensor_field", sensorField), ("time_field", timeField), ("counter_field", counterField)] {
            if let path, let problem = FieldPath.problem(path) { found.append("\(key): \(problem)") }
        }
        if let mounting, let problem = mounting.problem { found.append(problem) }
        if let intervalS, !(1...31_536_000).contains(intervalS) {
            found.append("interval: must be 1 s–365 d, found \(intervalS) s")
        }
        return found + fieldProblems() + sensorProblems()
    }

    /// The route's kind, else its profile's.
    var effectiveKind: SensorKind? { kind ?? profile?.kind }

    private func loneValueProblems() -> [String] {
        guard let unit else { return [] }
        let quantities = quantity.map { [$0] } ?? (effectiveKind.map { [$0.defaultQuantity] } ?? [])
        if quantities.isEmpty { return ["unit: needs kind or quantity beside it, found \(unit.symbol) alone"] }
        return quantities.filter { RouteField("value", $0, unit: unit).conversion(intervalS: intervalS) == nil }.map {
            "unit: must be convertible into \($0.unit.symbol) for \($0.name), found \(unit.symbol)"
        }
    }

    private func flatProblems() -> [String] {
        let given: [(String, Bool)] = [
            ("fields", !fields.isEmpty), ("series", !series.isEmpty), ("profile", profile != nil),
            ("sensor", sensor != nil), ("sensor_field", sensorField != nil), ("time_field", timeField != nil),
            ("counter_field", counterField != nil), ("columns", !columns.isEmpty), ("mounting", mounting != nil),
        ]
        return given.filter(\.1).map {
            "\($0.0): has no meaning for flat-json, whose members are fixed; take format json to name paths"
        }
    }

    private func fieldProblems() -> [String] {
        var found: [String] = []
        for (index, field) in fields.enumerated() {
            found += field.problems(intervalS: intervalS).map { "fields[\(index)].\($0)" }
            if field.isDistance, topic.kindCapture == nil, effectiveKind != .binFill {
                found.append("fields[\(index)].unit: a distance becomes a fill level only for kind bin-fill")
            }
        }
        for (index, series) in series.enumerated() {
            found += series.problems(intervalS: intervalS).map { "series[\(index)].\($0)" }
        }
        found += elementProblems()
        found += partProblems()
        if !series.isEmpty && !format.hasSeries { found.append("series: has no meaning for \(format.name)") }
        if let profile {
            for field in profile.fields where field.conversion(intervalS: intervalS) == nil {
                found.append(
                    "interval: must be given, because \(profile.name) sums \(field.path) over the device's interval")
                break
            }
            if format == .number { found.append("profile: has no meaning for \(format.name)") }
        }
        if effectiveFields.count + effectiveSeries.count > Self.mostFields {
            found.append("fields: must be at most \(Self.mostFields), with the profile's")
        }
        if format.hasPaths, effectiveFields.isEmpty, effectiveSeries.isEmpty, effectiveParts == nil {
            found.append("fields: must name at least one field, or profile a device model")
        }
        // An entity has four forms of each field, beside its own time.
        if format == .fiware, effectiveFields.count > 11 { found.append("fields: must be at most 11 for fiware") }
        if format == .number, fields.count > 1 {
            found.append("fields: must be at most one, of a payload that is one number")
        }
        if format == .chirpStackProtobuf, let sensorField,
            !["deviceInfo.devEui", "deviceInfo.deviceName"].contains(sensorField), Self.tag(in: sensorField) == nil
        {
            found.append(
                "sensor_field: must be deviceInfo.devEui, deviceInfo.deviceName or deviceInfo.tags.NAME, found"
                    + " \"\(sensorField)\"")
        }
        if format == .csv { found += columnProblems() }
        if format == .sparkplug { found += sparkplugProblems() }
        if format != .sparkplug, let index = fields.firstIndex(where: { $0.part != nil }) {
            found.append("fields[\(index)].sensor: has no meaning for \(format.name)")
        }
        if format != .senML, format != .senMLCBOR, let index = fields.firstIndex(where: \.isSum) {
            found.append("fields[\(index)].sum: has no meaning for \(format.name)")
        }
        return found
    }

    /// Of formats whose fields are paths into JSON.
    private func elementProblems() -> [String] {
        guard [.json, .theThingsStack, .chirpStack].contains(format) else { return [] }
        let beside = [("sensor_field", sensorField), ("time_field", timeField), ("counter_field", counterField)]
        var paths = beside.compactMap { key, path in path.map { (key, $0) } }
        for (index, field) in fields.enumerated() { paths.append(("fields[\(index)].path", field.path)) }
        for (index, series) in series.enumerated() {
            paths += [("series[\(index)].path", series.path), ("series[\(index)].time", series.time)]
            for (number, field) in series.fields.enumerated() {
                paths.append(("series[\(index)].fields[\(number)].path", field.path))
            }
        }
        return paths.compactMap { key, path in FieldPath.elementProblem(path).map { "\(key): \($0)" } }
    }

    /// The tag's name in `deviceInfo.tags.NAME`.
    static func tag(in sensorField: String) -> String? {
        let names = FieldPath.names(sensorField)
        return names.count == 3 && names[..<2] == ["deviceInfo", "tags"] && !names[2].isEmpty ? names[2] : nil
    }

    private func partProblems() -> [String] {
        guard let parts = effectiveParts else { return [] }
        let key = self.parts == nil ? "profile" : "parts"
        guard [.json, .theThingsStack, .chirpStack].contains(format) else {
            return ["\(key): intervals in several messages have no meaning for \(format.name)"]
        }
        var found: [String] = []
        if intervalS == nil {
            found.append("interval: must be given, because counts are summed over the device's interval")
        }
        if !(1...RouteParts.mostParts).contains(parts.ports.count) || Set(parts.ports).count < parts.ports.count {
            found.append("\(key).ports: must be 1–\(RouteParts.mostParts) different ports")
        }
        if parts.lanes.isEmpty { found.append("\(key).lanes: must name at least one") }
        if format == .json, parts.port.isEmpty { found.append("\(key).port: must say where the port stands") }
        let paths =
            [parts.time] + parts.lanes.flatMap { [$0.count, $0.speed] } + (parts.port.isEmpty ? [] : [parts.port])
        for path in paths { if let problem = FieldPath.problem(path) { found.append("\(key): \(problem)") } }
        return found
    }

    /// Messages of all types are followed, whatever a route reads of them.
    private func sparkplugProblems() -> [String] {
        let levels = topic.filter.split(separator: "/", omittingEmptySubsequences: false)
        guard (4...5).contains(levels.count), levels[0] == "spBv1.0", levels[2] == "+", !levels.contains("#") else {
            return [
                "topic: must be spBv1.0/{group}/+/{node} or spBv1.0/{group}/+/{node}/{device} for sparkplug-b, found \"\(topic)\""
            ]
        }
        for (key, value) in [("sensor_field", sensorField), ("time_field", timeField), ("counter_field", counterField)]
        where value != nil {
            return ["\(key): has no meaning for sparkplug-b, which has places for these"]
        }
        return []
    }

    /// The most fields and series of a route.
    static let mostFields = 48

    private func columnProblems() -> [String] {
        var found: [String] = []
        if delimiter.utf8.count != 1 || "\"\r\n".contains(delimiter) {
            found.append("delimiter: must be one ASCII character, no quotation mark, found \"\(delimiter)\"")
        }
        guard !columns.isEmpty else { return found }
        for path in [sensorField, timeField, counterField].compactMap(\.self) + effectiveFields.map(\.path)
        where !columns.contains(path) {
            found.append("columns: must have \"\(path)\", which the route reads")
        }
        for (index, column) in columns.enumerated() where columns[..<index].contains(column) {
            found.append("columns: name \"\(column)\" twice")
        }
        return found
    }

    private func sensorProblems() -> [String] {
        if sensor != nil && sensorField != nil { return ["sensor_field: stands beside sensor; keep one"] }
        if sensor != nil || sensorField != nil || topic.sensorCapture != nil || format.namesSensor { return [] }
        return ["sensor: must say which sensor it is: capture {sensor} in the topic, or give sensor or sensor_field"]
    }

    /// The route's fields and its profile's; without any, a lone value.
    var effectiveFields: [RouteField] {
        let named = fields + (profile?.fields ?? [])
        if !named.isEmpty || format.hasPaths { return named }
        guard let quantity = quantity ?? effectiveKind?.defaultQuantity else { return [] }
        return [RouteField(format.lonePath, quantity, unit: unit)]
    }

    var effectiveSeries: [RouteSeries] { series + (profile?.series ?? []) }
}

extension PayloadFormat {
    /// Whether fields must be named.
    var hasPaths: Bool {
        switch self {
        case .json, .csv, .lineProtocol, .theThingsStack, .chirpStack, .senML, .senMLCBOR, .fiware, .chirpStackProtobuf,
            .sparkplug:
            true
        case .flatJSON, .number, .sensorThings: false
        }
    }

    /// Whether a payload may hold arrays of measurements.
    var hasSeries: Bool {
        switch self {
        case .json, .theThingsStack, .chirpStack, .chirpStackProtobuf: true
        case .flatJSON, .number, .csv, .lineProtocol, .senML, .senMLCBOR, .fiware, .sensorThings, .sparkplug: false
        }
    }

    /// Whether messages name their sensor in a place of their own.
    var namesSensor: Bool {
        switch self {
        case .theThingsStack, .chirpStack, .senML, .senMLCBOR, .fiware, .chirpStackProtobuf, .sparkplug: true
        case .flatJSON, .json, .number, .csv, .lineProtocol, .sensorThings: false
        }
    }

    /// What the only field of a message is called in errors.
    var lonePath: String { self == .sensorThings ? "result" : "payload" }
}
