internal import Pipeline
internal import Readings

// Key `sensors.adopt`: a list of rules about sensors that no registry names, of which the first that fits decides.

extension AdoptionRule {
    static let keys: [Key<Self>] = [
        .scalar("name", \.name, .name),
        .scalar("verdict", \.verdict, .word(Verdict.allCases) { $0.rawValue }),
        .optional("routes", \.routes, .names),
        topicKey,
        .optional("kinds", \.kinds, .kinds),
        .optional("sensors", \.sensors, .names),
        .optional("max", \.limit, .integer(0...10_000_000)),
        .optional("zone", \.zone, .text),
        .optional("ward", \.ward, .text),
        .optional("site", \.site, .text),
        .optional("owner", \.owner, .text),
        .optional("interval", \.intervalS, .seconds(.seconds(1) ... .seconds(366 * 86_400))),
    ]

    private static let topicKey = Key<Self>(name: "topic") { entry, path, rule, reader in
        if let text = reader.scalar(entry, at: path, .text) {
            do throws(TopicPatternError) {
                rule.topic = try TopicPattern(text)
            } catch {
                reader.report(path, "must be a topic filter such as city/{ward}/#; \(error)")
            }
        }
        reader.note(path, rule.topic?.text)
    }
}

extension Configuration {
    func checkAdoption(in reader: inout ConfigurationReader) {
        let routes = Set(self.routes.map(\.route.name))
        var names: Set<String> = []
        for (index, rule) in sensors.adopt.enumerated() {
            let path = "sensors.adopt[\(index)]"
            if rule.name.isEmpty {
                reader.report(path, "needs a name")
            } else if !names.insert(rule.name).inserted {
                reader.report("\(path).name", "must be no other rule's, found \(rule.name) again")
            }
            if !rule.isSelective {
                reader.report(path, "says of no sensors: give it routes, a topic, kinds or sensors")
            }
            for name in rule.routes ?? [] where !routes.contains(name) {
                reader.report("\(path).routes", "must be names of routes, found \(name)")
            }
            for capture in rule.unknownCaptures() {
                reader.report(path, "uses {\(capture)}, which its topic does not capture")
            }
            guard rule.verdict == .refuse else { continue }
            let given: [Any?] = [rule.limit, rule.zone, rule.ward, rule.site, rule.owner, rule.intervalS]
            if given.contains(where: { $0 != nil }) {
                reader.report(path, "refuses, and so can't say what counts as known of them, or how many there may be")
            }
        }
    }
}
