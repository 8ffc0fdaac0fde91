package import Detection
package import Incidents
package import Open311

/// Everything that can be set, in the file and in the environment. Every field has a default that works on a laptop.
package struct Configuration: Sendable, Equatable {
    package var storage = Storage()
    package var mqtt = MQTT()
    /// Which topics to read and how. Key `routes`.
    package var routes = [RouteEntry()]
    package var sensors = Sensors()
    package var time = Time()
    /// Which rules hold, how long they wait, how grave they are. Key `rules`.
    package var rules = RulePolicies()
    /// The detectors' thresholds. Key `detection`.
    package var detection = DetectionParameters()
    /// Other rules and thresholds for some sensors. Key `overrides`.
    package var overrides: [RuleOverride] = []
    /// The city's services besides the standard ones, and what is different with those. Key `services`.
    package var services: [ServiceEntry] = []
    /// Which department deals with what. Key `routing`.
    package var routing = Routing()
    /// Who else is told about requests. Key `forwarding`.
    package var forwarding = Forwarding()
    package var http = HTTP()
    package var privacy = Privacy()
    /// What the city sets itself; shown by `/api/measures`. Key `goals`.
    package var goals = Goal.standard
    package var log = Log()
    package var operations = Operations()

    package init() {}

    static let keys: [Key<Configuration>] = [
        .group("data", \.storage, Storage.keys),
        .group("history", \.storage, Storage.historyKeys),
        .group("mqtt", \.mqtt, MQTT.keys),
        .list("routes", \.routes, RouteEntry.keys) { RouteEntry() },
        .group("sensors", \.sensors, Sensors.keys),
        .group("time", \.time, Time.keys),
        .group("rules", \.rules, RulePolicies.keys),
        .group("detection", \.detection, DetectionParameters.keys),
        RuleOverride.key,
        .list("services", \.services, ServiceEntry.keys) { ServiceEntry() },
        Routing.key,
        .group("forwarding", \.forwarding, Forwarding.keys),
        .group("http", \.http, HTTP.keys),
        .group("privacy", \.privacy, Privacy.keys),
        .list("goals", \.goals, Goal.keys) { Goal(measure: .onTime, target: 0.9) },
        .group("log", \.log, Log.keys),
        .group("operations", \.operations, Operations.keys),
    ]
}
