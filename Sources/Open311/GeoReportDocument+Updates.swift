extension GeoReportDocument {
    /// `GET servicerequestupdates`, as FixMyStreet and its adapter write it: status words in lower case.
    public static func updates(_ updates: [RequestUpdate], for view: PublicView = .standard) -> GeoReportDocument {
        list(
            updates.map { update in
                [
                    Field("update_id", .text(update.id)),
                    Field("service_request_id", .text(String(update.requestID))),
                    Field("status", .text(update.word.rawValue)),
                    Field("updated_datetime", .time(ms: update.atMs)),
                    Field("description", .text(ifAny: update.text)),
                    Field("media_url", .text(ifAny: view.url(update.mediaURL))),
                ]
            })
    }

    /// The answer to `POST servicerequestupdates`.
    public static func receipt(_ update: RequestUpdate) -> GeoReportDocument {
        list([[Field("update_id", .text(update.id))]])
    }

    private static func list(_ updates: [[Field]]) -> GeoReportDocument {
        GeoReportDocument(
            root: "service_request_updates", content: .list(of: "request_update", updates.map { .fields($0) }))
    }
}
