package import Forwarding
package import IssueStorage
internal import MQTTSession
package import Open311
package import Settings
internal import TimeBase

extension Configuration {
    /// How others see requests that are told to them: paths of this server are whole addresses if it has a public one.
    package func forwardedView(_ disclosure: Disclosure) -> PublicView {
        PublicView(disclosure, baseURL: http.publicURL?.trimmingSlash ?? "")
    }

    /// The destinations with their secrets, read now.
    ///
    /// - Throws: every secret that can't be read.
    package func forwardingConfiguration(
        environment: [String: String]
    ) throws(ConfigurationProblems) -> ForwardingConfiguration {
        var settings = ForwardingConfiguration()
        settings.schedule.boundsMs = forwarding.retryMin.milliseconds...forwarding.retryMax.milliseconds
        settings.givesUpAfter = forwarding.giveUpAfter
        settings.keepsDead = forwarding.keepDead
        var problems: [ConfigurationProblem] = []
        for entry in forwarding.destinations {
            do throws(PasswordSource.Failure) {
                settings.destinations.append(try entry.destination(environment: environment))
            } catch {
                let key = "secret of \(entry.name)"
                problems.append(ConfigurationProblem(place: .standard, key: key, sentence: error.description))
            }
        }
        guard problems.isEmpty else { throw ConfigurationProblems(source: "forwarding", problems: problems) }
        return settings
    }
}

extension Configuration.Forwarding {
    /// Names and filters alone, for the store.
    package var outboxDestinations: [OutboxDestination] { destinations.map(\.outbox) }
}

extension Configuration.ForwardingEntry {
    fileprivate func destination(environment: [String: String]) throws(PasswordSource.Failure) -> Destination {
        var destination = Destination(outbox: outbox, target: try target(environment))
        destination.showsEverything = shows == .everything
        return destination
    }

    fileprivate var outbox: OutboxDestination {
        var outbox = OutboxDestination(name: name, kind: outboxKind)
        outbox.services = services
        outbox.wards = wards
        outbox.leastSeverity = severity
        outbox.isStatusOnly = changes == .status
        outbox.startsAtBeginning = from == .beginning
        return outbox
    }

    private var outboxKind: OutboxDestination.Kind {
        switch kind {
        case .mqtt: .mqtt
        case .webhook: .webhook
        case .georeport: .georeport
        case .stewards: .stewards
        }
    }

    private var repetition: CityTarget.Repetition {
        switch unanswered {
        case .idempotent: .idempotent
        case .search: .search
        case .hold: .hold
        }
    }

    private func target(_ environment: [String: String]) throws(PasswordSource.Failure) -> Destination.Target {
        // Checked when the file was read: what a kind needs is there.
        let url = (self.url ?? "").trimmingSlash
        let secret = try self.secret?.read(environment: environment).reveal() ?? ""
        switch kind {
        case .mqtt:
            return .alerts(try alerts(environment) ?? AlertTarget(session: SessionConfiguration()))
        case .webhook:
            var target = WebhookTarget(url: url, secret: secret)
            target.limit = timeout
            target.concurrency = concurrency
            target.authorityFile = caFile
            return .webhook(target)
        case .stewards:
            var target = StewardTarget(secret: secret)
            target.limit = timeout
            target.alerts = try alerts(environment)
            return .stewards(target)
        case .georeport:
            var target = CityTarget(url: url, key: try apiKey?.read(environment: environment).reveal())
            target.jurisdiction = jurisdiction
            target.repetition = repetition
            target.takesUpdates = takesUpdates
            target.settling = settle
            target.limit = timeout
            target.concurrency = concurrency
            target.authorityFile = caFile
            for pair in codes { if let service = pair.service { target.codes[service] = pair.code } }
            return .city(target)
        }
    }

    private func alerts(_ environment: [String: String]) throws(PasswordSource.Failure) -> AlertTarget? {
        guard let broker else { return nil }
        var session = broker.session(reconnectMax: .seconds(30))
        session.name = name
        session.password = try broker.password?.read(environment: environment).reveal()
        var target = AlertTarget(session: session)
        target.prefix = topic
        target.clearsAfter = clearAfter
        target.limit = timeout
        return target
    }
}

extension String {
    fileprivate var trimmingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
