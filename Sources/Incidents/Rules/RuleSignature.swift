public import Detection

/// The rule that decided, to the last parameter: its version, and a hash by which two decisions can be told to have been
/// taken by the same rule.
public struct RuleSignature: Sendable, Equatable {
    /// ``Detection/Rule/version`` of the program.
    public let version: Int
    /// Every parameter that the rule goes by, `name=value`, a line each.
    public let content: String
    /// 16 hexadecimal digits over version and content. Equal for equal rules, on every machine.
    public let hash: String

    public init(version: Int, content: String) {
        self.version = version
        self.content = content
        hash = Self.hash("version=\(version)\n\(content)")
    }

    /// FNV-1a, 64 bits: it tells settings apart, and guards nothing.
    /// - Source: Fowler, Noll, Vo; draft-eastlake-fnv.
    private static func hash(_ text: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The parameters as pairs, in the order of their declaration.
    public var parameters: [(name: String, value: String)] {
        content.split(separator: "\n").map { line in
            let parts = line.split(separator: "=", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }
}

/// The signatures of all rules under one configuration.
public struct RuleSignatures: Sendable {
    private let signatures: [RuleSignature]
    /// 16 hexadecimal digits over all rules, with what configuration says of their use. Equal for equal rules, on every machine.
    public let hash: String

    public init(_ settings: RuleSettings) {
        self.init(detection: settings.detection, policies: settings.policies)
    }

    public init(detection: DetectionParameters, policies: RulePolicies) {
        let signatures = (0...Int(Rule.greatestRawValue)).map { number in
            guard let rule = Rule(rawValue: UInt8(number)) else { return RuleSignature(version: 0, content: "") }
            var lines: [String] = []
            for part in detection.parts(of: rule) { Self.flatten(part.value, name: part.name, into: &lines) }
            let policy = policies[rule]
            lines.append("pending_ms=\(policy.lifecycle.pendingMs)")
            lines.append("clear_ms=\(policy.lifecycle.clearMs)")
            lines.append("hold_off_ms=\(policy.lifecycle.holdOffMs)")
            if policy.leastScore > 0 { lines.append("least_score=\(policy.leastScore)") }
            return RuleSignature(version: rule.version, content: lines.map { $0 + "\n" }.joined())
        }
        let all = Rule.allCases.map { rule in
            "\(rule.name)=\(signatures[Int(rule.rawValue)].hash) \(policies[rule].isEnabled) \(policies[rule].severity)\n"
        }
        self.signatures = signatures
        hash = RuleSignature(version: 0, content: all.joined()).hash
    }

    public subscript(_ rule: Rule) -> RuleSignature { signatures[Int(rule.rawValue)] }

    /// A parameter that is added to a detector is part of the signature by itself: nothing here lists them.
    private static func flatten(_ value: Any, name: String, into lines: inout [String]) {
        let children = Mirror(reflecting: value).children
        guard !children.isEmpty else {
            lines.append("\(name)=\(value)")
            return
        }
        for child in children {
            let part = snake(child.label ?? "value")
            flatten(child.value, name: name.isEmpty ? part : "\(name).\(part)", into: &lines)
        }
    }

    /// `leadTimeMs` → `lead_time_ms`, `slackKMH` → `slack_kmh`: as configuration spells them.
    private static func snake(_ label: String) -> String {
        var text = ""
        var isAfterUpper = true
        for character in label {
            if character.isUppercase, !isAfterUpper { text += "_" }
            isAfterUpper = character.isUppercase
            text += character.lowercased()
        }
        return text
    }
}

extension DetectionParameters {
    /// What the rule goes by, under the names that configuration has for it.
    fileprivate func parts(of rule: Rule) -> [(name: String, value: Any)] {
        switch rule {
        case .nightFlow:
            [
                ("", nightFlow), ("pressure", nightPressure), ("agreement", agreementSigmas),
                ("adopts_after_ms", adoptsAfterMs),
            ]
        case .burst: [("", burst)]
        case .leakNoise: [("", leakNoise)]
        case .meterNeverZero: [("", meter)]
        case .wetContact: [("", wetContact)]
        case .congestion: [("", congestion)]
        case .trafficDrop: [("", trafficDrop)]
        case .binFull, .binFire, .binForecast, .binDumping: [("", bin)]
        case .anomaly: [("", anomaly)]
        case .silence, .gatewaySilence: [("", silence)]
        case .stuck: [("learns_for_ms", stuckLearnsForMs)]
        case .binTilt, .implausible, .drift, .clock: []
        }
    }
}
