internal import Incidents
internal import IssueStorage
internal import Open311
internal import Settings

extension LocalCommands {
    struct BudgetWanted: Codable, Sendable {
        var service: ServiceCode
        /// Requests a day that can be taken.
        var perDay: Double
        /// How many days of requests are looked at, back from the newest.
        var days: Int
        var isJSON = false
    }

    mutating func addBudget(
        _ reader: IssueReader, _ configuration: @escaping @Sendable () throws -> Configuration
    ) {
        register("requests.budget", needs: .observe) { call in
            let wanted = try call.body(BudgetWanted.self)
            guard wanted.perDay >= 0, wanted.perDay.isFinite, (1...3660).contains(wanted.days) else {
                throw LocalError(code: "bad_body", "a budget is 0 or more a day, of 1–3660 days")
            }
            try await Self.check([wanted.service], reader, configuration)
            let found = try await reader.scores(of: wanted.service, fromMs: 0, toMs: .max)
            guard let newest = found.last?.raisedAtMs else {
                throw LocalError(
                    code: "not_found", "no sensor has raised a request of \(wanted.service.rawValue) yet")
            }
            let recent = found.filter { $0.raisedAtMs > newest - Int64(wanted.days) * 86_400_000 }
            // A store that is younger than that has seen fewer days; at least one. Days without a request count.
            let since = min(try await reader.listensSinceMs(for: wanted.service) ?? .max, found[0].raisedAtMs)
            let days = min(Double(wanted.days), max(1, Double(newest - since) / 86_400_000))
            let page = BudgetPage(
                service: wanted.service,
                budget: AlarmBudget(recent.map(\.request), days: days, perDay: wanted.perDay), days: days,
                perDay: wanted.perDay)
            return Page(lines: wanted.isJSON ? [try page.json] : page.lines)
        }
    }
}
