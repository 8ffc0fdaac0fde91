public import Readings

/// Which sensors that no registry names are let in when they first speak, and what counts as known of them then. One item of
/// `sensors.adopt`: the first that fits a sensor decides; what none fits goes by `sensors.mode`.
public struct AdoptionRule: Sendable, Equatable {
    /// What becomes of a sensor that the rule fits.
    public enum Verdict: String, Sendable, CaseIterable {
        case adopt
        /// Its messages go to the quarantine.
        case refuse
    }

    /// Unique among the rules: ``limit`` counts the sensors that were adopted under it.
    public var name = ""
    public var verdict = Verdict.adopt

    // Whom it fits: all that is given must. Nil: whatever it is.
    /// Names of routes.
    public var routes: [String]?
    public var topic: TopicPattern?
    public var kinds: [SensorKind]?
    /// Ids; one with a star at its end stands for all that begin so.
    public var sensors: [String]?

    /// The most sensors that are adopted by it.
    public var limit: Int?

    // What counts as known of them; a `{capture}` of ``topic`` stands for the topic's level.
    public var zone: String?
    public var ward: String?
    public var site: String?
    public var owner: String?
    /// Expected seconds between readings.
    public var intervalS: Int?

    public init(name: String = "") { self.name = name }

    /// Whether it says whom it fits.
    public var isSelective: Bool { routes != nil || topic != nil || kinds != nil || sensors != nil }

    func fits(_ introduction: Introduction) -> Bool {
        if let kinds, !kinds.contains(introduction.kind) { return false }
        if let routes, !routes.contains(introduction.route ?? "") { return false }
        if let sensors, !sensors.contains(where: { Self.fits(introduction.id, pattern: $0) }) { return false }
        return topic == nil || captures(of: introduction.topic) != nil
    }

    private static func fits(_ id: String, pattern: String) -> Bool {
        pattern.hasSuffix("*") ? id.hasPrefix(pattern.dropLast()) : pattern == id
    }

    /// The sensor with what the rule knows of it.
    func sensor(_ introduction: Introduction) -> Sensor {
        var sensor = Sensor(id: introduction.id, kind: introduction.kind)
        let captures = captures(of: introduction.topic) ?? []
        sensor.zone = filled(zone, captures)
        sensor.ward = filled(ward, captures)
        sensor.site = filled(site, captures)
        sensor.owner = filled(owner, captures)
        sensor.expectedIntervalS = intervalS
        sensor.adoptedBy = name
        return sensor
    }

    /// What the topic's captures hold; nil where it does not match.
    private func captures(of name: String?) -> [(name: String, value: String)]? {
        guard let topic, let name else { return nil }
        let bytes = Array(name.utf8)
        var places = TopicCaptures()
        guard topic.matches(bytes.span, captures: &places) else { return nil }
        return topic.captureNames.enumerated().compactMap { index, capture in
            capture.map { ($0, String(decoding: bytes[places[index]], as: UTF8.self)) }
        }
    }

    /// Nil where a level of the topic can be no name.
    private func filled(_ text: String?, _ captures: [(name: String, value: String)]) -> String? {
        guard var text else { return nil }
        for (name, value) in captures { text = text.replacing("{\(name)}", with: value) }
        let bytes = Array(text.utf8)
        return Sensor.problem(withID: bytes.span) == nil ? text : nil
    }

    /// Captures that a text names and ``topic`` does not have.
    public func unknownCaptures() -> [String] {
        let known = topic?.captureNames.compactMap(\.self) ?? []
        return [zone, ward, site, owner].compactMap(\.self).flatMap { text in
            text.split(separator: "{").dropFirst(text.hasPrefix("{") ? 0 : 1).compactMap { part in
                part.firstIndex(of: "}").map { String(part[..<$0]) }
            }
        }.filter { !known.contains($0) }
    }
}

/// What a sensor that nobody has heard of says of itself.
public struct Introduction: Sendable, Equatable {
    public var id: String
    public var kind: SensorKind
    /// What it was heard through first.
    public var gateway: String?
    /// The route that read its first message, and that message's topic; nil where they aren't known.
    public var route: String?
    public var topic: String?

    public init(id: String, kind: SensorKind, gateway: String? = nil, route: String? = nil, topic: String? = nil) {
        (self.id, self.kind, self.gateway, self.route, self.topic) = (id, kind, gateway, route, topic)
    }

    /// As ``Readings/StreamElement/introduce(kind:byteCount:atMs:)`` carries it.
    init(kind: SensorKind, text: String) {
        let parts = text.split(separator: "\0", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        func part(_ index: Int) -> String? { parts.count > index && !parts[index].isEmpty ? parts[index] : nil }
        self.init(id: parts[0], kind: kind, gateway: part(1), route: part(2), topic: part(3))
    }
}
