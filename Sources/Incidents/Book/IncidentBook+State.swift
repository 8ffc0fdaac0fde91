public import Detection
internal import Open311
public import Readings

// Saving the book in shares, and putting it together again.
//
// Episodes and cases of one sensor's silence depend on when it and its gateway are heard; all others on what its zone's
// sensors measure. The two are saved apart, each beside the state that it follows from.
extension IncidentBook {
    /// Which episodes and cases a share holds.
    public enum Family: Sendable {
        /// What sensors say of the street and of themselves.
        case readings
        /// That they, or a gateway, say nothing.
        case silence

        func holds(_ rule: Rule) -> Bool { rule.tellsChangesOnly == (self == .silence) }
    }

    /// The numbering of requests and the calendar: what belongs to nobody.
    public mutating func codeCounters(_ coder: inout StateCoder) {
        var next = nextRequestID
        coder.code(&next)
        coder.code(&forgotOnDay)
        coder.code(&answers)
        coder.require(next > 0, .badValue, "a request's number")
        if coder.isReading, coder.problem == nil { numberRequests(from: next) }
    }

    /// What of the book belongs to these subjects, in their order.
    public func share(of subjects: [Subject], _ family: Family) -> BookShare {
        var share = BookShare()
        var places: [Int: Int] = [:]
        for subject in subjects {
            guard var numbers = casesOfHome[subject] else { continue }
            // By the request's number, which is the same in every run; places in `cases` are not.
            if numbers.count > 1 { numbers.sort { cases[$0].request.id < cases[$1].request.id } }
            for number in numbers where family.holds(cases[number].worst.rule) {
                places[number] = share.cases.count
                share.cases.append(cases[number])
            }
        }
        for subject in subjects {
            for rule in suspected(subject) where family.holds(rule) {
                let id = EpisodeID(subject: subject, rule: rule)
                guard var episode = episodes[id] else { continue }
                if let number = episode.caseNumber {
                    guard let place = places[number] else {
                        preconditionFailure("the case of \(episode.record.key) belongs to another share")
                    }
                    episode.caseNumber = place
                }
                share.entries.append(.init(id: id, episode: episode))
            }
        }
        return share
    }

    private func suspected(_ subject: Subject) -> [Rule] {
        guard case .sensor(let sensor) = subject else { return [.gatewaySilence] }
        let active = active(sensor)
        return active.isEmpty ? [] : Rule.allCases.filter { active.contains($0) }
    }

    /// Takes a saved share in.
    ///
    /// Left out are subjects that `resolve` knows nothing of, because they have left the registry, and what no verdict
    /// would ever end: episodes of rules that are switched off, or of sensors that are not `alike`, being of another kind
    /// now. A request that nothing holds open any more is then closed by ``reconcile(stored:lastUpdates:nowMs:into:)``.
    public mutating func install(
        _ share: BookShare, directory: SensorDirectory, resolve: (Subject) -> Subject?, alike: (Subject) -> Bool
    ) {
        let entries = share.entries.compactMap { entry -> BookShare.Entry? in
            guard let subject = resolve(entry.id.subject), alike(subject),
                policy(entry.id.rule, of: subject, in: directory).isEnabled
            else { return nil }
            var entry = entry
            entry.id.subject = subject
            return entry
        }
        var places: [Int: Int] = [:]
        for (place, saved) in share.cases.enumerated() {
            let firing = entries.count { $0.episode.caseNumber == place }
            let isOver = saved.request.status == .closed || saved.isOpenedByStaff
            guard firing > 0 || isOver, var item = saved.resolved(resolve) else { continue }
            item.firing = firing
            // Two cases of one scope are left by a registry that has changed: the later one goes on.
            let rival = caseOfScope[item.scope]
            places[place] = cases.count
            add(item)
            if let rival, cases[rival].request.id > item.request.id { caseOfScope[item.scope] = rival }
        }
        for entry in entries {
            var episode = entry.episode
            if let place = episode.caseNumber {
                guard let number = places[place] else { continue }
                episode.caseNumber = number
            }
            episodes[entry.id] = episode
            setActive(entry.id, true)
        }
    }

    /// Sensors that share a case, and the zone that it is about: of each case that is not one sensor's alone.
    public var entanglements: [(sensors: [SensorIndex], zone: String?)] {
        cases.compactMap { item in
            let sensors = ([item.home] + item.members).compactMap { subject -> SensorIndex? in
                if case .sensor(let sensor) = subject { sensor } else { nil }
            }
            let zone = item.scope.zone
            return sensors.count > 2 || zone != nil ? (sensors, zone) : nil
        }
    }
}

extension RequestCase {
    fileprivate func resolved(_ resolve: (Subject) -> Subject?) -> RequestCase? {
        guard let home = resolve(home), let worstSubject = resolve(worstSubject) else { return nil }
        var item = self
        (item.home, item.worstSubject) = (home, worstSubject)
        item.members = members.compactMap(resolve)
        return item
    }
}
