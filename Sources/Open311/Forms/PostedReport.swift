/// `POST requests` as it was sent, checked.
public struct PostedReport: Sendable {
    public var submission: RequestSubmission
    /// nil: anonymous.
    public var reporter: Reporter?

    /// Reads a report.
    ///
    /// What the form holds beyond the spec is ignored; so are attributes that the service doesn't ask for, since anything
    /// might stand in them.
    ///
    /// - Throws: 404 for a service that there isn't, else 400, which says what was wrong and what would be right.
    public init(_ form: SubmittedForm, catalog: ServiceCatalog) throws(GeoReportError) {
        let reader = FormReader(form)
        guard let code = try reader.text("service_code") else {
            throw GeoReportError(code: 400, "service_code: is missing")
        }
        guard let service = ServiceCode(rawValue: code).flatMap({ catalog[$0] }) else {
            throw GeoReportError(code: 404, "There is no service with this code.")
        }
        var submission = RequestSubmission(service: service.code)
        submission.latitude = try reader.decimal("lat", in: -90...90)
        submission.longitude = try reader.decimal("long", in: -180...180)
        submission.address = try reader.text("address_string", longest: 1000)
        submission.addressID = try reader.text("address_id")
        guard (submission.latitude == nil) == (submission.longitude == nil) else {
            throw GeoReportError(code: 400, "lat, long: one comes with the other")
        }
        submission.assetID = try reader.text("service_object_id")
        let isPlaced = submission.latitude != nil || submission.address != nil || submission.addressID != nil
        // An asset stands somewhere, too: whoever takes the report knows where.
        guard isPlaced || submission.assetID != nil else {
            throw GeoReportError(
                code: 400, "lat and long, address_string, address_id or service_object_id: one must say where")
        }
        submission.description = try reader.text("description", longest: RequestSubmission.longestDescription) ?? ""
        submission.assetType = try reader.text("service_object_type")
        submission.attributes = try AttributeReader(form).answers(to: service)
        submission.addMedia(try reader.mediaURLs())
        self.submission = submission

        var reporter = Reporter()
        reporter.email = try reader.text("email")
        reporter.firstName = try reader.text("first_name")
        reporter.lastName = try reader.text("last_name")
        reporter.phone = try reader.text("phone")
        reporter.accountID = try reader.text("account_id")
        // FixMyStreet writes it without the underscore.
        reporter.deviceID = try reader.text("device_id", "deviceid")
        self.reporter = reporter.isEmpty ? nil : reporter
    }
}

extension RequestSubmission {
    /// Takes the first as ``mediaURL``; a request has one place for it, so further ones are told in the description as
    /// long as they fit.
    public mutating func addMedia(_ urls: [String]) { Self.add(urls, to: &mediaURL, &description) }

    static func add(_ urls: [String], to mediaURL: inout String?, _ text: inout String) {
        for url in urls {
            guard mediaURL != nil else {
                mediaURL = url
                continue
            }
            let line = (text.isEmpty ? "" : "\n") + "See also \(url)"
            if text.unicodeScalars.count + line.unicodeScalars.count <= longestDescription { text += line }
        }
    }
}
