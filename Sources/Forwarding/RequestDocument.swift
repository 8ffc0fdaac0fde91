internal import IssueStorage
internal import Open311

/// What a destination that is not a GeoReport server gets to read: JSON in GeoReport's terms.
struct RequestDocument: Sendable {
    let reference: Reference
    let view: PublicView
    /// Whether everything is told, also what a service's visibility keeps from the public.
    let showsEverything: Bool

    /// A change as its destination may see it; nil: not for its eyes.
    func shown(_ item: OutboxItem) -> OutboxItem? {
        if showsEverything { return item }
        guard let request = view.disclosure.request(item.request),
            let update = view.disclosure.update(item.update, of: item.request)
        else { return nil }
        var shown = item
        (shown.request, shown.update) = (request, update)
        return shown
    }

    /// What happened to the request, in a word.
    static func event(of item: OutboxItem) -> String {
        if item.number == 1 { return "opened" }
        guard item.changesStatus else { return "updated" }
        return item.update.status == .closed ? "closed" : "reopened"
    }

    /// One change: `id`, `event`, `update`, and `request` as it is now; for stewards also `steward`.
    func change(_ item: OutboxItem, for steward: Steward? = nil) -> [UInt8] {
        let update: [GeoReportDocument.Field] = [
            .init("update_id", .text(item.update.id)),
            .init("service_request_id", .text(String(item.requestID))),
            .init("status", .text(item.update.word.rawValue)),
            .init("updated_datetime", .time(ms: item.update.atMs)),
            .init("description", .text(item.update.text)),
        ]
        var fields: [GeoReportDocument.Field] = [
            .init("id", .text(reference.key(of: item))),
            .init("event", .text(Self.event(of: item))),
            .init("update", .fields(update)),
            .init("request", node(of: item.request)),
        ]
        if let steward {
            fields.append(
                .init(
                    "steward",
                    .fields([.init("name", .text(steward.name)), .init("asset_id", .text(steward.assetID))])))
        }
        return GeoReportDocument(root: "change", content: .fields(fields)).encoded(as: .json)
    }

    /// The request as it is now.
    func state(_ request: ServiceRequest) -> [UInt8] {
        GeoReportDocument(root: "request", content: node(of: request)).encoded(as: .json)
    }

    /// A whole address of the request's picture, or nil: a path of a server that has no public address is none.
    func media(of request: ServiceRequest) -> String? {
        guard let media = request.mediaURL, media.hasPrefix("/") else { return request.mediaURL }
        return view.baseURL.isEmpty ? nil : view.baseURL + media
    }

    private func node(of request: ServiceRequest) -> GeoReportDocument.Node {
        // What may be seen of it is settled.
        let plain = PublicView(catalog: view.catalog, baseURL: view.baseURL)
        guard case .list(_, let items) = GeoReportDocument.requests([request], updates: [:], for: plain).content,
            let first = items.first
        else { return .absent }
        return first
    }
}
