internal import Detection
internal import Incidents
internal import Readings

// Key `overrides`: a list of other rules for some sensors, of which the first that fits a sensor counts.

extension RuleOverride {
    /// An item begins as what is set for all sensors, so `rules` and `detection` must be read before.
    static let key = Key<Configuration>.list("overrides", \.overrides, keys) { configuration in
        var settings = RuleSettings()
        (settings.detection, settings.policies) = (configuration.detection, configuration.rules)
        return RuleOverride(settings: settings)
    }

    private static let keys: [Key<Self>] = [
        .optional("kinds", \.kinds, .kinds),
        .optional("zones", \.zones, .names),
        .optional("wards", \.wards, .names),
        .optional("sensors", \.sensors, .names),
        .group("rules", \.settings.policies, RulePolicies.keys),
        .group("detection", \.settings.detection, DetectionParameters.sensorKeys),
    ]
}

extension Syntax where Value == [SensorKind] {
    /// Kinds of sensors, as topics and the registry name them.
    static let kinds = Syntax(
        expected: "kinds with commas between them (\(SensorKind.allCases.map(\.name).joined(separator: ", ")))",
        parse: { text in
            let kinds = Syntax<[String]>.names.parse(text)?.map { name in
                SensorKind.allCases.first { $0.name == name }
            }
            guard let kinds, !kinds.contains(nil) else { return nil }
            return kinds.compactMap { $0 }
        }, show: { $0.map(\.name).joined(separator: ", ") })
}

extension Configuration {
    func checkOverrides(in reader: inout ConfigurationReader) {
        for (index, override) in overrides.enumerated() {
            let path = "overrides[\(index)]"
            for pattern in override.sensors ?? [] where pattern.dropLast().contains("*") {
                reader.report(
                    "\(path).sensors", "must have a star at the end only, for any ending, found \(pattern)")
            }
            warnOfWards(override.wards, at: path, in: &reader)
            if !override.isSelective, !reader.hasProblem(at: path) {
                reader.report(path, "says of no sensors: give it kinds, zones, wards or sensors")
            }
            let general = (detection, rules)
            if (override.settings.detection, override.settings.policies) == general {
                reader.warn(path, "changes nothing of what is set for all sensors")
            }
            reader.report(override.settings.detection.problems(), below: "\(path).detection")
        }
    }
}
