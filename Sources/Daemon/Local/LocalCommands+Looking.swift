internal import Incidents
internal import IssueStorage
internal import Open311
internal import Readings
internal import Settings

// What can be looked at in the store. It goes over the socket so that who may use that needs no rights to the files.
extension LocalCommands {
    struct RequestsWanted: Codable, Sendable {
        var statuses: [ServiceRequest.Status]?
        var services: [ServiceCode]?
        /// At most so many, the newest.
        var limit = 50
    }

    struct RequestsFound: Codable, Sendable {
        var requests: [ServiceRequest]
        /// How many there are in all.
        var total: Int
    }

    struct RequestFound: Codable, Sendable {
        var request: ServiceRequest
        var updates: [RequestUpdate]
    }

    /// Which request's explanation.
    struct ExplanationWanted: Codable, Sendable {
        var request: Int64
        /// Whether its readings are met again by today's rules.
        var isReplayed = true
        /// Those rules; nil: the ones that hold in the daemon, or else in the caller's configuration.
        var rules: RuleText?
        /// As one line of JSON.
        var isJSON = false
    }

    struct OutboxWanted: Codable, Sendable {
        var selection = OutboxSelection()
        var limit = 50
        var isJSON = false
    }

    struct SensorsWanted: Codable, Sendable {
        /// By name; nil: all kinds.
        var kind: String?
        var limit = 100_000
        var isJSON = false
    }

    struct SensorWanted: Codable, Sendable {
        var id: String
        var isJSON = false
    }

    struct AssetsPage: Codable, Sendable {
        var kinds: [String]?
        var offset = 0
    }

    struct Numbered: Codable, Sendable { var id: Int64 }

    /// What a terminal is to show.
    struct Page: Codable, Sendable {
        var lines: [String]
        /// For standard error.
        var note: String?
    }

    /// - Parameter configuration: whose rules explanations compare with.
    mutating func addLooking(
        _ reader: IssueReader, directory: String, configuration: @escaping @Sendable () throws -> Configuration
    ) {
        addRequests(reader, directory, configuration)
        addBudget(reader, configuration)
        addExplanations(reader, directory, configuration)
        addOutboxPages(reader, directory)
        addSensors(reader, directory)
        addStrangers(reader, directory, configuration)
        addQuarantinePages(reader)
        register("assets.list", needs: .observe) { call in
            let wanted = try call.body(AssetsPage.self)
            var query = AssetQuery()
            (query.kinds, query.offset) = (wanted.kinds, wanted.offset)
            return try await reader.assets(query)
        }
    }

    /// Refuses a service that neither the configuration has nor any request names.
    static func check(
        _ services: [ServiceCode], _ reader: IssueReader, _ configuration: @Sendable () throws -> Configuration
    ) async throws {
        // A configuration that can't be read is no reason not to look.
        guard let catalog = try? configuration().serviceCatalog else { return }
        let strange = services.filter { catalog[$0] == nil }
        guard !strange.isEmpty else { return }
        let filed = try await reader.serviceCodes()
        guard let unknown = strange.first(where: { !filed.contains($0) }) else { return }
        let known = Set(catalog.services.map(\.code)).union(filed).sorted().map(\.rawValue)
        throw LocalError.unknown("service", unknown.rawValue, among: known)
    }

    private static func missing(_ what: String, _ directory: String) -> LocalError {
        LocalError(code: "not_found", "there is no \(what) in \(directory)")
    }

    private mutating func addRequests(
        _ reader: IssueReader, _ directory: String, _ configuration: @escaping @Sendable () throws -> Configuration
    ) {
        register("requests.list", needs: .observe) { call in
            let wanted = try call.body(RequestsWanted.self)
            try await Self.check(wanted.services ?? [], reader, configuration)
            var query = RequestQuery()
            (query.statuses, query.services, query.limit) = (wanted.statuses, wanted.services, wanted.limit)
            let (requests, total) = try await reader.page(query)
            return RequestsFound(requests: requests, total: total ?? requests.count)
        }
        register("requests.show", needs: .observe) { call in
            let id = try call.body(Numbered.self).id
            guard let request = try await reader.request(id: id) else {
                throw Self.missing("request \(id)", directory)
            }
            return RequestFound(request: request, updates: try await reader.updates(ofRequest: id))
        }
    }

    private mutating func addExplanations(
        _ reader: IssueReader, _ directory: String, _ configuration: @escaping @Sendable () throws -> Configuration
    ) {
        // Readings of weeks pass through the pipeline again: one at a time beside a daemon's own work.
        let replays = OneAtATime(refusal: "another explanation is being worked out; ask again in a moment")
        register("requests.explain", needs: .observe) { call in
            let wanted = try call.body(ExplanationWanted.self)
            return try await replays.run {
                try await Explainer(reader: reader, directory: directory, configuration: try configuration())
                    .explain(wanted)
            }
        }
    }

    private mutating func addOutboxPages(_ reader: IssueReader, _ directory: String) {
        register("outbox.list", needs: .observe) { call in
            let wanted = try call.body(OutboxWanted.self)
            let name = wanted.selection.destination
            let all = try await reader.outboxStandings()
            let standings = all.filter { name == nil || $0.name == name }
            if let name, standings.isEmpty {
                throw LocalError.unknown("destination", name, among: all.map(\.name))
            }
            let page = OutboxPage(
                standings: standings, items: try await reader.outbox(wanted.selection, limit: wanted.limit),
                total: try await reader.outboxCount(wanted.selection))
            return wanted.isJSON ? Page(lines: [try page.json]) : Page(lines: page.lines, note: page.note)
        }
        register("outbox.show", needs: .observe) { call in
            let wanted = try call.body(OutboxWanted.self)
            guard let item = try await reader.outbox(wanted.selection, limit: 1).first else {
                let id = wanted.selection.ids?.first ?? 0
                throw LocalError(
                    code: "not_found", "there is no row \(id) in the outbox: it may have been delivered")
            }
            return Page(lines: [wanted.isJSON ? try OutboxPage.json(item) : OutboxPage.text(item)])
        }
    }

    private mutating func addSensors(_ reader: IssueReader, _ directory: String) {
        register("sensors.list", needs: .observe) { call in
            let wanted = try call.body(SensorsWanted.self)
            let found = try await reader.standings(limit: .max)
                .filter { wanted.kind == nil || $0.sensor.kind.name == wanted.kind }
            let shown = found.prefix(max(0, wanted.limit))
            let total = "\(found.count) sensor\(found.count == 1 ? "" : "s")"
            return Page(
                lines: shown.map { wanted.isJSON ? SensorPage($0, link: nil).json : SensorPage.line($0) },
                note: shown.count < found.count ? "the first \(shown.count) of \(total): --limit" : total)
        }
        register("sensors.show", needs: .observe) { call in
            let wanted = try call.body(SensorWanted.self)
            guard let standing = try await reader.standings(limit: .max).first(where: { $0.sensor.id == wanted.id })
            else { throw Self.missing("sensor \(wanted.id)", directory) }
            let page = SensorPage(standing, link: try await reader.link(ofSensor: wanted.id))
            return Page(lines: [wanted.isJSON ? page.json : page.text])
        }
        register("sensors.export", needs: .observe) { _ in
            let sensors = try await reader.standings(limit: .max).map(\.sensor)
            return Page(lines: [String(SensorTable(sensors: sensors).csv.dropLast())])
        }
    }

    /// What the store of a directory tells beside no daemon, with the sensors that were imported into it.
    static func reader(of directory: String) throws -> IssueReader {
        try IssueReader(directory: directory) { try ImportedRegistry(directory: directory).sensors() }
    }
}
