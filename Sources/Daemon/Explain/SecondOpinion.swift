internal import Detection
internal import Incidents

/// What today's rules make of the readings that raised a request: of its opening, of each later step, and of its closing.
struct SecondOpinion: Equatable {
    enum Decision: Equatable {
        /// The same rule opens at the same reading.
        case same
        /// The same rule, or another that files into the same service, opens at another one.
        case otherwise
        /// Nothing opens.
        case nothing
        /// Too little is stored to say.
        case unknown(String)
    }

    /// A public step after the opening, then and now.
    struct Step: Equatable {
        var event: EvidenceMark.Event
        /// Event times; nil where there is none: a step that today's rules leave out, or add.
        var thenMs: Int64?
        var nowMs: Int64?

        /// Event times of one reading agree to the millisecond; what lies within a minute decides the same.
        var isSame: Bool {
            guard let thenMs, let nowMs else { return false }
            return (thenMs - nowMs).magnitude < 60_000
        }
    }

    var decision: Decision
    /// The rule that opens today, and when in the stream's time.
    var rule: Rule?
    var openedAtMs: Int64?
    /// From the opening then to the opening now.
    var shiftMs: Int64 = 0
    /// What follows the opening; empty where today's rules open nothing.
    var steps: [Step] = []
    /// The opening rule as it is today, and as it was.
    var signature: RuleSignature
    var formerSignature: RuleSignature
    /// How many stored readings were met again, and from when on and up to when.
    var readings = 0
    var fromMs: Int64 = 0
    var toMs: Int64 = 0

    /// Stable, for machines.
    var code: String {
        switch decision {
        case .same: "same"
        case .otherwise: "otherwise"
        case .nothing: "nothing"
        case .unknown: "unknown"
        }
    }

    var sentence: String {
        let rules =
            signature.hash == formerSignature.hash
            ? "The rule has not changed since." : "The rule has changed since (parameters \(signature.hash))."
        switch decision {
        case .same: return ["It would be opened by the same reading today.", rules, later].joined(separator: " ")
        case .otherwise:
            let by = rule.map { " by rule \($0.name)" } ?? ""
            let when = Self.shift(shiftMs) ?? "at the same time"
            return ["It would be opened \(when)\(by) today.", rules, later].joined(separator: " ")
        case .nothing: return "It would not be opened today. \(rules)"
        case .unknown(let reason): return "Whether it would be opened today can't be told: \(reason) \(rules)"
        }
    }

    /// What today's rules would do after the opening.
    private var later: String {
        let closing = steps.last { $0.event == .closed }
        let others = steps.filter { $0 != closing }
        var sentences: [String] = []
        let same = others.count(where: \.isSame)
        if !others.isEmpty {
            let few = "\(same) of its \(others.count) later steps"
            sentences.append(
                same == others.count
                    ? "\(same == 1 ? "Its later step" : "All \(same) later steps") would be the same."
                    : "\(few) would be the same: \(others.filter { !$0.isSame }.map(Self.words).joined(separator: "; "))."
            )
        }
        if let closing { sentences.append(Self.sentence(closing)) }
        return sentences.isEmpty ? "It would still be open." : sentences.joined(separator: " ")
    }

    private static func words(_ step: Step) -> String {
        switch (step.thenMs, step.nowMs) {
        case (let then?, let now?): "\(step.event.name) \(shift(now - then) ?? "at the same time")"
        case (_?, nil): "\(step.event.name) no more"
        default: "\(step.event.name) once more"
        }
    }

    private static func sentence(_ closing: Step) -> String {
        switch (closing.thenMs, closing.nowMs) {
        case (let then?, let now?):
            closing.isSame
                ? "It would be closed by the same reading." : "It would be closed \(shift(now - then) ?? "then, too")."
        case (_?, nil): "It would not be closed by what followed."
        default: "It would be closed by now."
        }
    }

    /// `2 hours earlier`; nil for less than a minute.
    private static func shift(_ ms: Int64) -> String? {
        let minutes = (ms.magnitude + 30_000) / 60_000
        return minutes == 0 ? nil : "\(SpanText.of(minutes: minutes)) \(ms < 0 ? "earlier" : "later")"
    }
}

/// Spans as people say them.
enum SpanText {
    static func of(minutes: UInt64) -> String {
        if minutes < 120 { return "\(minutes) minute\(minutes == 1 ? "" : "s")" }
        if minutes < 48 * 60 { return "\((minutes + 30) / 60) hours" }
        return "\((minutes + 720) / 1440) days"
    }
}
