internal import Open311

/// The words of what people report, and of what staff does. Plain sentences for residents.
enum PeopleText {
    /// `Water leak: 12 High Street`.
    static func title(_ service: Service, _ report: RequestSubmission) -> String {
        guard let place = report.address ?? report.assetID else { return service.name }
        let title = "\(service.name): \(place)"
        return title.count <= 200 ? title : String(title.prefix(199)) + "…"
    }

    static let opened = "Opened: reported by a person."

    static func notice(agency: String) -> String {
        agency.isEmpty ? "Thank you. It has been passed on." : "Thank you. \(agency) has been told."
    }

    /// `12 sensors and 3 people agree.`
    static func agreement(sensors: Int, people: Int) -> String {
        let crowd = Words.plural(Int64(people), "person", "people")
        guard sensors > 0 else { return "\(crowd) \(people == 1 ? "has" : "have") reported it." }
        return "\(Words.plural(Int64(sensors), "sensor")) and \(crowd) agree."
    }

    /// To somebody who reported what is known.
    static func known(as parent: ServiceRequest) -> String {
        "Known already: \(parent.title) (request \(parent.id)). "
            + agreement(sensors: parent.sensorCount, people: parent.peopleCount)
            + " What becomes of it will be told here, too."
    }

    /// To somebody who reported what sensors have met since.
    static func confirmed(by parent: ServiceRequest) -> String {
        "The city's sensors see it, too: \(parent.title) (request \(parent.id)). What becomes of it will be told here."
    }

    /// With three people or more, it is a step graver: it is seen, or in the way. Not beyond 3: what must be dealt with at
    /// once is never decided by numbers.
    static func severity(_ severity: Int, people: Int) -> Int {
        // Telling it again must not raise it again.
        people >= 3 ? max(severity, 3) : severity
    }

    /// How sure it is that it is real, when people see what sensors see: they don't know of each other, and few report what
    /// is not there. Each multiplies the odds by five, up to 0.99.
    static func confidence(_ confidence: Double, people: Int) -> Double {
        guard people > 0, confidence > 0, confidence < 0.99 else { return confidence }
        var odds = confidence / (1 - confidence)
        for _ in 0..<min(people, 8) { odds *= 5 }
        return max(confidence, min(0.99, odds / (1 + odds)))
    }

    static func closed(with parent: ServiceRequest) -> String {
        "Closed with request \(parent.id)" + continued(parent.statusNotes)
    }

    static func reopened(with parent: ServiceRequest) -> String {
        "Reopened with request \(parent.id)" + continued(parent.statusNotes)
    }

    private static func continued(_ words: String) -> String { words.isEmpty ? "." : ": \(words)" }

    /// Staff has looked, and it is no duplicate.
    static let ofItsOwn = "Looked at: it is a matter of its own, and no part of another request."

    /// What a status word says when nobody has said more.
    static func sentence(_ word: UpdateWord) -> String {
        switch word {
        case .open, .reopen: "Reopened."
        case .investigating: "It is being looked into."
        case .inProgress: "Work is in progress."
        case .actionScheduled: "Work has been scheduled."
        case .planned: "Work is planned."
        case .fixed: "It has been fixed."
        case .closed: "Closed."
        case .duplicate: "It is known already."
        case .noFurtherAction: "Nothing more will be done."
        case .notResponsible: "It is not for the city to deal with."
        case .internalReferral: "It has been passed on to another department."
        case .forTriage: "It is being sorted."
        case .cancelled: "Cancelled."
        }
    }

    static func sentence(_ verdict: StaffVerdict) -> String {
        switch verdict {
        case .unreviewed: "The finding has been taken back."
        case .confirmed: "Seen on the spot: it is real."
        case .falseAlarm: "Looked at: there was nothing. Closed as a false alarm."
        case .fixed: "It has been fixed."
        }
    }
}
