import HTTPTypes
import Hummingbird
import IssueStorage
import Open311

/// What GeoReport v2 takes from whoever has a key: reports and updates, with their photos.
struct ReportEndpoints: Sendable {
    let site: SiteParts
    let desk: any CivicDesk
    let bodies: BodyReader
    let jurisdiction: Jurisdiction
    let proxies: Set<String>
    let nowMs: @Sendable () -> Int64

    /// `POST requests`
    func report(_ call: Call) async throws -> Response {
        let form = try await bodies.form(call)
        let access = try await access(form, .report, call)
        let posted = try PostedReport(form, catalog: site.view.catalog)
        var submission = posted.submission
        submission.key = access.key
        submission.externalID = try Self.idempotencyKey(call)
        let photos = try Self.photos(form.files)
        // The photos come first: they are the report's own.
        let elsewhere = submission.mediaURL
        if !photos.isEmpty { submission.mediaURL = nil }
        submission.addMedia(photos.map(path) + (photos.isEmpty ? [] : [elsewhere].compactMap { $0 }))
        let receipt = try await desk.submit(submission, photos: photos, reporter: posted.reporter, by: access)
        let agency = try await agency(receipt, submission.service)
        return .document(.receipt(receipt, agency: agency), as: call.format)
    }

    /// Whom the request was routed to; the service's own agency as long as it has no number.
    private func agency(_ receipt: SubmissionReceipt, _ service: ServiceCode) async throws -> String {
        let usual = site.view.catalog.named(service).agency
        guard case .request(let id) = receipt else { return usual }
        return try await site.source.request(id: id)?.agency ?? usual
    }

    /// `POST servicerequestupdates`
    func update(_ call: Call) async throws -> Response {
        let form = try await bodies.form(call)
        let access = try await access(form, .update, call)
        var submission = try UpdateSubmission(form, hasPhoto: !form.files.isEmpty, nowMs: nowMs())
        submission.key = access.key
        if submission.externalID == nil { submission.externalID = try Self.idempotencyKey(call) }
        // An update has a place for one.
        let photos = Array(try Self.photos(form.files).prefix(1))
        if let photo = photos.first { submission.mediaURL = path(of: photo) }
        let update = try await desk.submit(submission, photos: photos, by: access)
        return .document(.receipt(update), as: call.format)
    }

    /// `GET tokens/TOKEN`
    func token(_ call: Call) async throws -> Response {
        let token = call["token"]
        let unknown = GeoReportError(code: 404, "There is no such token.")
        guard token.utf8.count <= 128, token.utf8.allSatisfy(\.isVisible) else { throw unknown }
        switch try await desk.request(token: token) {
        case .pending: return .document(.token(token, requestID: nil), as: call.format)
        case .request(let id): return .document(.token(token, requestID: id), as: call.format)
        }
    }

    private func access(_ form: SubmittedForm, _ role: AccessRole, _ call: Call) async throws -> Access {
        try jurisdiction.check(form.texts.first { $0.name == "jurisdiction_id" }?.value)
        let key = form.texts.first { $0.name == "api_key" && !$0.value.isEmpty }?.value
        return try await desk.access(
            key: key, needing: role, from: call.clientAddress(behind: proxies))
    }

    private func path(of photo: Photo) -> String { PhotoName.prefix + desk.name(of: photo) }

    /// The photos, without what cameras wrote into them.
    private static func photos(_ files: [SubmittedForm.File]) throws(GeoReportError) -> [Photo] {
        try files.map { file throws(GeoReportError) in
            guard file.bytes.count <= Photo.mostBytes else {
                throw GeoReportError(code: 413, "A photo may have \(Photo.mostBytes) bytes, found \(file.bytes.count).")
            }
            guard let photo = Photo(bytes: file.bytes) else {
                throw GeoReportError(code: 400, "A photo must be a JPEG, PNG, GIF or WebP picture.")
            }
            guard let cleaned = photo.withoutMetadata() else {
                throw GeoReportError(code: 400, "A photo is no whole \(photo.format.rawValue.uppercased()) picture.")
            }
            return cleaned
        }
    }

    /// What the caller calls this report, so that it can say it again after a lost answer.
    ///
    /// - Source: draft-ietf-httpapi-idempotency-key-header.
    private static func idempotencyKey(_ call: Call) throws(GeoReportError) -> String? {
        guard let key = call.request.headers[HTTPField.Name("Idempotency-Key")!] else { return nil }
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy(\.isVisible) else {
            throw GeoReportError(code: 400, "Idempotency-Key: must be 1–128 visible ASCII characters")
        }
        return key
    }
}

extension UInt8 {
    /// An ASCII character that prints something.
    fileprivate var isVisible: Bool { self > 0x20 && self < 0x7F }
}
