extension GeoReportDocument {
    /// The answer to `POST requests`: an id or a token, never both.
    ///
    /// What isn't there is left out, not empty: clients that take any element for an id exist (FixMyStreet).
    ///
    /// - Parameter agency: who deals with it; may be empty.
    public static func receipt(_ receipt: SubmissionReceipt, agency: String) -> GeoReportDocument {
        let number: [Field] =
            switch receipt {
            case .request(let id): [Field("service_request_id", .text(String(id)))]
            case .token(let token): [Field("token", .text(token))]
            case .taken: []
            }
        let notice = agency.isEmpty ? "Your report has been taken." : "\(agency) has your report."
        return list([number + [Field("service_notice", .text(notice)), Field("account_id", .absent)]])
    }

    /// `GET tokens/TOKEN`; without an id as long as there is none.
    public static func token(_ token: String, requestID: Int64?) -> GeoReportDocument {
        let number = requestID.map { [Field("service_request_id", .text(String($0)))] } ?? []
        return list([number + [Field("token", .text(token))]])
    }

    private static func list(_ receipts: [[Field]]) -> GeoReportDocument {
        GeoReportDocument(root: "service_requests", content: .list(of: "request", receipts.map { .fields($0) }))
    }
}
