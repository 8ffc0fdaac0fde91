internal import Detection
internal import Incidents
internal import Open311
internal import Pipeline
internal import Readings

/// What the daemon is told to do today, and what the hashes of rules in its log stand for.
///
/// As with the daemon, each stretch of the log is met by the rules, the services and the clock that held there, and all of it
/// with today's registry, which is asked about sensors that have not been met yet.
struct RuleSets {
    private static let services: [ServiceCatalog] = {
        var elsewhere = ServiceCatalog.standard.services
        for place in elsewhere.indices {
            elsewhere[place].agency = "Elsewhere"
            elsewhere[place].promiseHours = [4, 3, 2, 1]
            if elsewhere[place].code == .waterLeak { elsewhere[place].visibility = .coarse(metres: 500) }
        }
        return [.standard, ServiceCatalog(elsewhere)]
    }()

    private(set) var today: PipelineConfiguration
    private(set) var rules = RuleText(hash: "rules 0", text: "")
    private var known: [String: PipelineConfiguration]
    private let first: PipelineConfiguration

    init(_ configuration: PipelineConfiguration) {
        (today, first) = (configuration, configuration)
        known = [rules.hash: configuration]
    }

    mutating func edit(registry: [Sensor]) { today.registry = registry }

    /// Other thresholds, services, departments, another clock: one of them, and sometimes several.
    mutating func edit(edition: Int, _ chance: inout Chance) {
        repeat {
            switch chance.number(0...4) {
            case 0: today.zone = ZoneTable(fixedOffsetSeconds: chance.element(of: [-5, 0, 1, 12]) * 3600)
            case 1: today.catalog = chance.element(of: Self.services)
            case 2: today.routing = chance.element(of: [Routing(), Street.routing])
            case 3: today.detection.bin.fullPercent = chance.element(of: [70, 80, 90])
            default:
                let rule = chance.element(of: Rule.allCases)
                today.policies[rule].severity = chance.number(1...4)
                today.policies[rule].isEnabled = chance.happens(80)
            }
        } while chance.happens(30)
        rules = RuleText(hash: "rules \(edition)", text: "")
        known[rules.hash] = today
    }

    /// Today's, from now on.
    func change(atMs: Int64) -> RuleSwitch { RuleSwitch(rules: rules, configuration: today, atMs: atMs) }

    func settings(of rules: RuleText) throws(Violation) -> PipelineConfiguration {
        guard var settings = known[rules.hash] else { throw Violation("the log has rules \(rules.hash) of nobody") }
        settings.registry = today.registry
        return settings
    }

    /// What held behind a place of the log.
    func settings(behind sequence: Int64, in logged: [LoggedRules]) throws(Violation) -> PipelineConfiguration {
        guard let set = logged.last(where: { $0.sequence <= sequence }) ?? logged.first else { return beginning }
        return try settings(of: set.rules)
    }

    /// What held before anything was logged.
    var beginning: PipelineConfiguration {
        var settings = first
        settings.registry = today.registry
        return settings
    }
}
