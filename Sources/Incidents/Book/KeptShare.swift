internal import Open311
public import Readings

/// The requests kept for people whose ids lie in a range: all of them, as they stood at one place of the stream.
///
/// What one command does concerns one request alone, or takes it over into a case that is saved later. So each range is
/// true at its own place, and replay may do to the rest of them what it likes before theirs.
public struct KeptShare: Sendable, Equatable, StateCodable {
    var first: Int64 = 0
    /// The last id of the range, there or not.
    public private(set) var last: Int64 = .max
    var items: [KeptRequest] = []

    public init() {}

    public mutating func code(_ coder: inout StateCoder) {
        coder.code(&first)
        coder.code(&last)
        let count = coder.codeCount(items.count, leastBytes: KeptRequest.leastBytes)
        var before = Int64.min
        for index in 0..<count {
            if coder.isReading { items.append(.blank) }
            items[index].code(&coder)
            let id = items[index].request.id
            coder.require(id > before && id >= first && id <= last, .badValue, "the order of requests")
            guard coder.problem == nil else { return }
            before = id
        }
    }

    /// - Parameter last: the end of the range.
    init(from first: Int64, to last: Int64, _ items: [KeptRequest]) {
        (self.first, self.last, self.items) = (first, last, items)
    }
}

extension IncidentBook {
    /// Kept requests from the id `first` on, about so many bytes of them.
    public func keptShare(from first: Int64, bytes: Int) -> KeptShare {
        var items: [KeptRequest] = []
        var size = 0
        var place = placeInOrder(first)
        while place < keptIDs.count, size < bytes {
            let item = keptRequest(keptIDs[place])
            items.append(item)
            // A rough measure is enough: texts make most of it.
            size += 400 + item.request.description.utf8.count + item.parts.count * 600
            place += 1
        }
        return KeptShare(from: first, to: place < keptIDs.count ? keptIDs[place] - 1 : .max, items)
    }

    /// Takes a saved range over, instead of what replay has put there.
    public mutating func install(_ share: KeptShare) {
        let from = placeInOrder(share.first)
        let to = share.last == .max ? keptIDs.count : placeInOrder(share.last + 1)
        for id in keptIDs[from..<to] { kept[id] = nil }
        keptIDs.replaceSubrange(from..<to, with: share.items.map(\.request.id))
        for item in share.items { kept[item.request.id] = item }
    }
}

extension StateCoder {
    mutating func code(_ answers: inout [CommandAnswer]) {
        let count = codeCount(answers.count, leastBytes: 2)
        for index in 0..<count {
            if isReading { answers.append(CommandAnswer(ticket: 0, outcome: .refused(.unknownRequest))) }
            code(&answers[index].ticket)
            code(&answers[index].outcome)
            guard problem == nil else { return }
        }
    }

    private mutating func code(_ outcome: inout CommandOutcome) {
        var kind: UInt8 =
            switch outcome {
            case .filed: 0
            case .counted: 1
            case .updated: 2
            case .refused: 3
            case .applied: 4
            }
        code(&kind)
        switch kind {
        case 0:
            var (id, parent, forgotten): (Int64, Int64?, [Int64]) = (0, nil, [])
            if case .filed(let a, let b, let c) = outcome { (id, parent, forgotten) = (a, b, c) }
            code(&id)
            code(&parent)
            code(links: &forgotten)
            outcome = .filed(requestID: id, parent: parent, forgotten: forgotten)
        case 1:
            var id: Int64 = 0
            if case .counted(let a) = outcome { id = a }
            code(&id)
            outcome = .counted(requestID: id)
        case 2:
            var update = RequestUpdate.blank
            if case .updated(let a, _) = outcome { update = a }
            code(&update)
            outcome = .updated(update, UpdateEffect())
        case 4:
            outcome = .applied
        default:
            require(kind == 3, .badValue, "an answer")
            var refusal = CommandRefusal.unknownRequest
            if case .refused(let a) = outcome { refusal = a }
            code(oneOf: &refusal)
            outcome = .refused(refusal)
        }
    }

    private mutating func code(_ update: inout RequestUpdate) {
        code(&update.requestID)
        code(&update.number, in: 0...Int.max)
        code(&update.atMs)
        code(oneOf: &update.status)
        code(oneOf: &update.word)
        code(&update.text)
        code(oneOf: &update.author)
        code(&update.mediaURL)
        code(&update.externalID)
    }
}

extension RequestUpdate {
    fileprivate static var blank: RequestUpdate {
        RequestUpdate(requestID: 0, number: 0, atMs: 0, status: .open, text: "")
    }
}
