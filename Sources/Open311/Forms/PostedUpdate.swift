extension UpdateSubmission {
    /// Reads `POST servicerequestupdates`.
    ///
    /// Who made the update is not kept: FixMyStreet sends names and mail, and nothing here needs them. Where somebody is
    /// named and says what residents can say there (a comment, fixed, open again), a resident speaks: what residents call fixed
    /// is no finding, and no sign of work begun.
    ///
    /// - Parameters:
    ///   - hasPhoto: a photo says something by itself.
    ///   - nowMs: an update can't have been made later.
    /// - Throws: 400, which says what was wrong and what would be right.
    public init(_ form: SubmittedForm, hasPhoto: Bool, nowMs: Int64) throws(GeoReportError) {
        let reader = FormReader(form)
        guard let id = try reader.id("service_request_id") else {
            throw GeoReportError(code: 400, "service_request_id: is missing")
        }
        self.init(requestID: id)
        if let text = try reader.text("status"), text.lowercased() != "unchanged" {
            guard let word = UpdateWord(anyCase: text) else {
                let words = UpdateWord.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badParameter("status", "must be of \(words), unchanged", found: text)
            }
            self.word = word
        }
        if let text = try reader.text("verdict") {
            guard let verdict = StaffVerdict(rawValue: text), verdict != .unreviewed else {
                throw .badParameter("verdict", "must be of confirmed, false_alarm, fixed", found: text)
            }
            self.verdict = verdict
        }
        let isForStaff = verdict != nil || word.map { ![.open, .reopen, .fixed].contains($0) } ?? false
        if !isForStaff, try Self.namesSomebody(reader) { author = .person }
        text = try reader.text("description", longest: RequestSubmission.longestDescription) ?? ""
        madeAtMs = try reader.time("updated_datetime").map { min($0, nowMs) }
        externalID = try reader.text("update_id", "update_id_ext", longest: 128)
        if try reader.text("parent_service_request_id")?.lowercased() == "none" {
            isNoDuplicate = true
        } else {
            duplicateOf = try reader.id("parent_service_request_id")
        }
        RequestSubmission.add(try reader.mediaURLs(), to: &mediaURL, &text)
        let isChange = word != nil || verdict != nil || duplicateOf != nil || isNoDuplicate != nil
        guard isChange || !text.isEmpty || mediaURL != nil || hasPhoto else {
            throw GeoReportError(code: 400, "status, description or media_url: one must say what is new")
        }
        guard duplicateOf != requestID else {
            throw GeoReportError(code: 400, "parent_service_request_id: a request is no duplicate of itself")
        }
    }

    private static func namesSomebody(_ reader: FormReader) throws(GeoReportError) -> Bool {
        for name in ["email", "first_name", "last_name", "phone", "device_id", "account_id"] {
            if let text = try reader.text(name), !text.isEmpty { return true }
        }
        return false
    }
}
