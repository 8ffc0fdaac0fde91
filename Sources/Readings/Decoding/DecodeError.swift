/// Why an MQTT message could not become readings. It is quarantined and counted.
///
/// Making and throwing one allocates nothing; the sentence is put together only when ``description`` is asked for.
public struct DecodeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Safe as a metric label.
    public var reason: QuarantineReason
    /// Where: `payload`, `topic`, or the path of a field, such as `metrics.speed_kmh`.
    public var field: Excerpt
    /// What good looks like.
    public var rule: Rule
    /// What was there instead.
    public var found: Excerpt

    @inline(never) public init(_ reason: QuarantineReason, field: Excerpt, _ rule: Rule, found: Excerpt) {
        (self.reason, self.field, self.rule, self.found) = (reason, field, rule, found)
    }

    @inline(never) init(_ reason: QuarantineReason, _ field: StaticString, _ rule: Rule, found: Excerpt = Excerpt()) {
        self.init(reason, field: Excerpt(field), rule, found: found)
    }

    /// What was expected, as the middle of the sentence.
    public enum Rule: UInt8, Sendable {
        case jsonObject, soundJSON, utf8, shallow, singleDocument, onlyOnce, shorter, memory
        case present, string, number, truth, finite, binary, plausible
        case timestamp, timestampInRange
        case sensorID, knownMetric, knownUnit, convertibleUnit, noUnitBesideMetrics
        case counter, counterInRange
        case route, kind, sameSensor, measurement
        case presentOrOther, array, decodedBody, counter32, mounting, withinDepth, measured, format, fewSensors
        case senMLArray, senMLVersion, senMLLabel, senMLType
        case timeOfDay, plausibleCount
        case sparkplugTopic, birthBefore, knownAlias, fewMetrics
    }

    /// Says where, what good looks like, and what was found.
    public var description: String {
        let found = self.found.description
        return "\(field): must \(rule.text)" + (found.isEmpty ? "" : ", found \(found)")
    }
}

extension DecodeError.Rule {
    /// Continues "must".
    var text: String {
        switch self {
        case .jsonObject: "be one JSON object"
        case .soundJSON: "be sound JSON"
        case .utf8: "be valid UTF-8"
        case .shallow: "not nest deeper than 16"
        case .singleDocument: "end after its JSON object"
        case .onlyOnce: "occur only once"
        case .shorter: "not exceed the decoder's limit"
        case .memory: "fit into memory"
        case .present: "be present"
        case .string: "be a string"
        case .number: "be a number"
        case .truth: "be true, false, 0 or 1"
        case .finite: "be a finite number"
        case .binary: "be 0 or 1"
        case .plausible: "lie within ±1e12"
        case .timestamp: "be an RFC 3339 time with its offset, or a number of seconds or milliseconds since 1970"
        case .timestampInRange: "lie between 2000-01-01 and 2100-01-01"
        case .sensorID: "be 1–128 bytes of UTF-8 without control characters"
        case .knownMetric: "name a metric that Sluice knows"
        case .knownUnit: "be the symbol of a unit that Sluice knows"
        case .convertibleUnit: "be a unit of the quantity's dimension"
        case .noUnitBesideMetrics: "be absent beside metrics, whose names carry their units"
        case .counter: "be a whole number"
        case .counterInRange: "lie between 0 and 2147483647"
        case .route: "match a route"
        case .kind: "name a kind of sensor (water-leak, traffic, bin-fill, generic)"
        case .sameSensor: "name the sensor that the topic names"
        case .measurement: "hold a measurement"
        case .presentOrOther: "be present, or another field of the route"
        case .array: "be an array"
        case .decodedBody: "hold what the device's codec decoded (set a payload formatter at the server)"
        case .counter32: "lie between 0 and 4294967295"
        case .mounting: "be of a sensor whose depth the registry or the route gives"
        case .withinDepth: "lie between the sensor and the bin's bottom"
        case .measured: "be a measurement; the device says that it has none"
        case .format: "be of the route's format"
        case .senMLArray: "be a SenML pack: an array of records"
        case .senMLVersion: "be a SenML version that Sluice knows, up to 10"
        case .senMLLabel: "be a label that Sluice knows, because its name ends with _"
        case .senMLType: "have labels and values of the types of RFC 8428"
        case .fewSensors: "speak of at most 256 sensors"
        case .timeOfDay: "be a time of day as HHMM"
        case .plausibleCount: "lie between 0 and 1000000"
        case .sparkplugTopic: "be spBv1.0/group/type/node or spBv1.0/group/type/node/device"
        case .birthBefore:
            "name a node and a device whose births have been seen; it is asked for them once in rebirth_interval"
        case .knownAlias: "be an alias that a birth has given to a metric of the same device"
        case .fewMetrics: "have at most 65536 metrics"
        }
    }
}
