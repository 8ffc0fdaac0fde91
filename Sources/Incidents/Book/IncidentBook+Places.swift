internal import Open311

// Where a request is: a case that sensors hold, one that is kept for people, or a part of either.
extension IncidentBook {
    enum Holder: Equatable {
        /// A place in `cases`.
        case sensors(Int)
        /// A request's id in `kept`.
        case people(Int64)
    }

    struct Place: Equatable {
        var holder: Holder
        /// Its number among the holder's parts; nil for the holder's own request.
        var part: Int?
    }

    /// Where the request with this id is; nil if the book holds it not. O(requests held).
    func place(of id: Int64) -> Place? {
        if kept[id] != nil { return Place(holder: .people(id)) }
        for number in cases.indices {
            if cases[number].request.id == id { return Place(holder: .sensors(number)) }
            if let part = cases[number].parts.firstIndex(where: { $0.request.id == id }) {
                return Place(holder: .sensors(number), part: part)
            }
        }
        for keeper in keptIDs {
            if let part = kept[keeper]?.parts.firstIndex(where: { $0.request.id == id }) {
                return Place(holder: .people(keeper), part: part)
            }
        }
        return nil
    }

    func request(at place: Place) -> ServiceRequest {
        switch (place.holder, place.part) {
        case (.sensors(let number), nil): cases[number].request
        case (.sensors(let number), let part?): cases[number].parts[part].request
        case (.people(let id), nil): keptRequest(id).request
        case (.people(let id), let part?): keptRequest(id).parts[part].request
        }
    }

    func keptRequest(_ id: Int64) -> KeptRequest {
        guard let item = kept[id] else { preconditionFailure("request \(id) was just found") }
        return item
    }

    /// Changes the request and the number of its last update in place.
    mutating func change(_ place: Place, _ body: (inout ServiceRequest, inout Int) -> Void) {
        switch (place.holder, place.part) {
        case (.sensors(let number), nil): cases[number].change(body)
        case (.sensors(let number), let part?): cases[number].parts[part].change(body)
        case (.people(let id), nil): kept[id, default: .blank].change(body)
        case (.people(let id), let part?): kept[id, default: .blank].parts[part].change(body)
        }
    }

    func parts(of holder: Holder) -> [RequestPart] {
        switch holder {
        case .sensors(let number): cases[number].parts
        case .people(let id): keptRequest(id).parts
        }
    }

    mutating func add(_ parts: [RequestPart], to holder: Holder) {
        switch holder {
        case .sensors(let number): cases[number].parts += parts
        case .people(let id): kept[id, default: .blank].parts += parts
        }
    }

    func links(of holder: Holder) -> [Int64] {
        switch holder {
        case .sensors(let number): cases[number].links
        case .people(let id): keptRequest(id).links
        }
    }

    // MARK: What is kept for people

    /// So many requests are kept, open ones that nobody has closed among them; beyond it the one that has not changed for
    /// longest is forgotten. It stays as it is in the store, and staff may still say what they like of it.
    static let mostKept = 20_000

    mutating func keep(_ item: KeptRequest) {
        let id = item.request.id
        if kept.updateValue(item, forKey: id) == nil { keptIDs.insert(id, at: placeInOrder(id)) }
    }

    @discardableResult mutating func letGo(_ id: Int64) -> KeptRequest? {
        guard let item = kept.removeValue(forKey: id) else { return nil }
        keptIDs.remove(at: placeInOrder(id))
        return item
    }

    /// Lets go of a request for good.
    mutating func forget(_ id: Int64) {
        guard let item = letGo(id) else { return }
        issued.release(item.request, lastUpdate: item.updates)
        for part in item.parts { issued.release(part.request, lastUpdate: part.updates) }
    }

    /// The same, of one that sensors held.
    mutating func release(_ item: RequestCase) {
        issued.release(item.request, lastUpdate: item.updates)
        for part in item.parts { issued.release(part.request, lastUpdate: part.updates) }
    }

    /// The place of the first id that is not less.
    func placeInOrder(_ id: Int64) -> Int {
        var (low, high) = (0, keptIDs.count)
        while low < high {
            let middle = (low + high) / 2
            if keptIDs[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Which requests have to be forgotten so that `count` more can be kept.
    func makingRoom(for count: Int, atMs: Int64) -> [Int64] {
        let excess = kept.count + count - Self.mostKept
        guard excess > 0 else { return [] }
        let spokenOf = spokenOf(nowMs: atMs)
        // By the last change, then by id: never by a dictionary's order.
        let ages = keptIDs.filter { !spokenOf.contains($0) }
            .map { (changedAtMs: keptRequest($0).request.updatedAtMs, id: $0) }
        return ages.sorted { ($0.changedAtMs, $0.id) < ($1.changedAtMs, $1.id) }.prefix(excess).map(\.id)
    }
}
