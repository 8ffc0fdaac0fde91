extension GeoReportDocument {
    /// `GET requests` and `GET requests/ID`: the 17 fields of the spec.
    public static func requests(_ requests: [ServiceRequest], for view: PublicView = .standard) -> GeoReportDocument {
        list(requests.compactMap(view.disclosure.request).map { fields(of: $0, view) })
    }

    /// The same with `extensions=true`: besides the 17 fields `title`, `extended_attributes`, `attributes` and `notes`,
    /// the request's history from `updates`, oldest first.
    public static func requests(
        _ requests: [ServiceRequest], updates: [Int64: [RequestUpdate]], for view: PublicView = .standard
    ) -> GeoReportDocument {
        list(
            requests.compactMap { stored in
                guard let request = view.disclosure.request(stored) else { return nil }
                let notes = (updates[stored.id] ?? []).compactMap { view.disclosure.update($0, of: stored) }
                return fields(of: request, view) + [
                    Field("title", .text(ifAny: request.title)),
                    Field("extended_attributes", .fields(extendedAttributes(of: request, view))),
                    Field("attributes", .list(of: "attribute", attributes(of: request, view))),
                    Field("notes", .list(of: "note", notes.map(note))),
                ]
            })
    }

    private static func list(_ requests: [[Field]]) -> GeoReportDocument {
        GeoReportDocument(root: "service_requests", content: .list(of: "request", requests.map { .fields($0) }))
    }

    private static func fields(of request: ServiceRequest, _ view: PublicView) -> [Field] {
        let service = view.catalog.named(request.service)
        return [
            // A string: JavaScript's numbers end at 2^53, and to a client an id is opaque.
            Field("service_request_id", .text(String(request.id))),
            Field("status", .text(request.status.rawValue)),
            Field("status_notes", .text(ifAny: request.statusNotes)),
            Field("service_name", .text(service.name)),
            Field("service_code", .text(request.service.rawValue)),
            Field("description", .text(ifAny: request.description)),
            Field("agency_responsible", .text(ifAny: request.agency ?? service.agency)),
            Field("service_notice", .text(ifAny: request.notice)),
            Field("requested_datetime", .time(ms: request.requestedAtMs)),
            Field("updated_datetime", .time(ms: request.updatedAtMs)),
            Field("expected_datetime", .time(ifAny: request.expectedAtMs)),
            Field("address", .text(ifAny: request.address)),
            Field("address_id", .text(ifAny: request.addressID)),
            Field("zipcode", .absent),
            Field("lat", .number(ifAny: request.latitude)),
            Field("long", .number(ifAny: request.longitude)),
            Field("media_url", .text(ifAny: view.url(request.mediaURL))),
        ]
    }
}
