internal import Incidents
internal import Open311

// Key `routing`: a list of rules, of which the first that fits decides.

extension Routing {
    static let key = Key<Configuration>.list("routing", \.routing.rules, Rule.keys) { Rule(service: .waterLeak) }
}

extension Routing.Rule {
    static let keys: [Key<Self>] = [
        .scalar("service", \.service, .serviceCode),
        .optional("wards", \.wards, .names),
        .scalar("severity", \.leastSeverity, .integer(1...4)),
        .optional("hours", \.hours, .hours),
        .optional("agency", \.agency, .text),
        .list("parts", \.parts, Routing.Part.keys) { Routing.Part(service: .waterLeak, agency: "") },
    ]
}

extension Routing.Part {
    static let keys: [Key<Self>] = [
        .scalar("service", \.service, .serviceCode),
        .scalar("agency", \.agency, .text),
    ]
}

extension Syntax where Value == Routing.Hours {
    /// A part of the day.
    static let hours = Syntax(
        expected: "a part of the day such as 07:00-19:00, or 22:00-06:00 over midnight",
        parse: { text in
            let ends = text.split(separator: "-").map { minute($0.trimmed) }
            guard ends.count == 2, let from = ends[0], let to = ends[1], from != to else { return nil }
            return Routing.Hours(from: from, to: to)
        },
        show: { "\(clock($0.from))-\(clock($0.to))" })

    private static let minute: @Sendable (String) -> Int? = { text in
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]),
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    private static let clock: @Sendable (Int) -> String = { minute in
        let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension Configuration {
    /// - Parameter catalog: the city's services.
    func checkRouting(_ catalog: ServiceCatalog, in reader: inout ConfigurationReader) {
        for (index, rule) in routing.rules.enumerated() {
            let path = "routing[\(index)]"
            if !reader.isSet("\(path).service") { reader.report(path, "needs a service") }
            checkService(rule.service, catalog, at: "\(path).service", in: &reader)
            warnOfWards(rule.wards, at: path, in: &reader)
            if rule.agency == nil, rule.parts.isEmpty {
                reader.report(path, "changes nothing: give it an agency, or parts for other departments")
            }
            for (number, part) in rule.parts.enumerated() {
                if part.agency.isEmpty { reader.report("\(path).parts[\(number)]", "needs an agency") }
                checkService(part.service, catalog, at: "\(path).parts[\(number)].service", in: &reader)
                // A part tells what its whole does: the words, the place, the sensor.
                let (whole, own) = (catalog.named(rule.service).visibility, catalog.named(part.service).visibility)
                guard own < whole else { continue }
                reader.report(
                    "\(path).parts[\(number)].service",
                    "must keep back at least as much as \(rule.service) does, of which it tells: "
                        + "\(part.service) is \(own.name), \(rule.service) is \(whole.name)")
            }
        }
    }

    /// Reports a service that the city does not have.
    func checkService(
        _ service: ServiceCode, _ catalog: ServiceCatalog, at path: String, in reader: inout ConfigurationReader
    ) {
        guard catalog[service] == nil else { return }
        reader.report(
            path,
            "must be one of \(catalog.services.map(\.code.rawValue).joined(separator: ", ")), found \(service.rawValue)"
        )
    }
}
