internal import Open311

// A book that only grew would one day be all that is saved.
extension IncidentBook {
    /// How long after its closing, by the daemon's time, a request can be named by a recurrence. Far beyond every
    /// hold-off, and as long as people remember that they have been there before.
    public static let remembersForMs: Int64 = 90 * 86_400_000

    /// Lets go of cases that were closed longer ago than ``remembersForMs``. Does something at the first call of a day.
    ///
    /// O(cases) then.
    public mutating func forget(nowMs: Int64) {
        let day = nowMs / 86_400_000
        guard day != forgotOnDay else { return }
        forgotOnDay = day
        let spokenOf = spokenOf(nowMs: nowMs)
        forgetKept(nowMs, but: spokenOf)
        // By place, so that none is copied to be looked at.
        guard cases.indices.contains(where: { isOld($0, nowMs, but: spokenOf) }) else { return }
        let kept = cases.indices.filter { !isOld($0, nowMs, but: spokenOf) }
        for number in cases.indices where isOld(number, nowMs, but: spokenOf) { release(cases[number]) }
        let (before, pointed) = (cases, caseOfScope)
        (cases, caseOfScope, caseOfKey, casesOfHome) = ([], [:], [:], [:])
        var numbers: [Int: Int] = [:]
        for number in kept {
            numbers[number] = cases.count
            add(before[number])
        }
        // Of two cases of one scope, which a changed registry can lead to, the same one goes on.
        for (scope, number) in pointed { caseOfScope[scope] = numbers[number] ?? caseOfScope[scope] }
        for (id, episode) in episodes { episodes[id]?.caseNumber = episode.caseNumber.flatMap { numbers[$0] } }
    }

    /// How long a closed request that no sensor held is kept, for words of staff that are on their way.
    static let keepsClosedForMs: Int64 = 86_400_000
    /// How long parts of a closed request can be opened again with it.
    static let keepsPartsForMs: Int64 = 7 * 86_400_000

    private mutating func forgetKept(_ nowMs: Int64, but spokenOf: Set<Int64>) {
        for id in keptIDs {
            let request = keptRequest(id).request
            guard request.status == .closed, !spokenOf.contains(id) else { continue }
            if request.updatedAtMs < nowMs - Self.keepsClosedForMs { forget(id) }
        }
        for number in cases.indices where cases[number].request.status == .closed && !cases[number].parts.isEmpty {
            guard !spokenOf.contains(cases[number].request.id) else { continue }
            if cases[number].request.updatedAtMs < nowMs - Self.keepsPartsForMs {
                for part in cases[number].parts { issued.release(part.request, lastUpdate: part.updates) }
                cases[number].parts = []
            }
        }
    }

    private func isOld(_ number: Int, _ nowMs: Int64, but spokenOf: Set<Int64>) -> Bool {
        cases[number].request.status == .closed && !spokenOf.contains(cases[number].request.id)
            && cases[number].request.updatedAtMs < nowMs - Self.remembersForMs
    }

    /// How long a request stays after something was said of it, whatever its age. Words that were posted meanwhile know it
    /// only as it was stored before; were it let go, they would be taken for the next ones after that.
    static let keepsSpokenOfForMs: Int64 = 3_600_000

    /// Whether something was said lately of the case's request, or of one of its parts.
    func isSpokenOf(_ item: RequestCase, nowMs: Int64) -> Bool {
        let ids = [item.request.id] + item.parts.map(\.request.id)
        return answers.contains { answer in
            guard case .updated(let said, _) = answer.outcome else { return false }
            return said.atMs >= nowMs - Self.keepsSpokenOfForMs && ids.contains(said.requestID)
        }
    }

    /// Requests of which something was said lately, and those that they are parts of.
    func spokenOf(nowMs: Int64) -> Set<Int64> {
        var found: Set<Int64> = []
        for answer in answers {
            guard case .updated(let said, _) = answer.outcome, said.atMs >= nowMs - Self.keepsSpokenOfForMs else {
                continue
            }
            found.insert(said.requestID)
            if let here = place(of: said.requestID) { found.insert(request(at: Place(holder: here.holder)).id) }
        }
        return found
    }
}
