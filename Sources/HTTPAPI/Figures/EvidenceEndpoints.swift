internal import EvidenceChart
import HTTPTypes
import Hummingbird
import IssueStorage
import Open311

/// Why requests exist: `/api/requests/ID/evidence`, and the chart of it at `/media/requests/ID.png`.
struct EvidenceEndpoints: Sendable {
    let site: SiteParts
    let parts: EvidenceParts
    private let studio = ChartStudio()

    init(site: SiteParts, parts: EvidenceParts) { (self.site, self.parts) = (site, parts) }

    func evidence(_ call: Call) async throws -> Response {
        let found = try await find(call)
        let updates = try await site.source.updates(ofRequests: [found.stored.id])[found.stored.id] ?? []
        let document = GeoReportDocument.evidence(
            found.evidence, of: found.shown, updates: site.view.updates(updates, of: [found.stored]),
            name: name(in: found.stored.service),
            showsPlaces: site.view.disclosure.showsPlaces(of: found.stored.service))
        return .document(document, as: .json)
    }

    func chart(_ call: Call) async throws -> Response {
        let width = try width(call)
        let found = try await find(call)
        // A coarse service's pictures would show what its words keep back; its requests name none either.
        guard site.view.disclosure.showsPlaces(of: found.stored.service) else { throw Self.noSuchRequest }
        let lastMs = found.evidence.sensors.first?.readings.last?.atMs ?? 0
        let entityTag =
            "\"\(found.stored.id)-\(found.stored.updatedAtMs)-\(found.evidence.marks.count)-\(lastMs)-\(width)\""
        let headers: HTTPFields = [.eTag: entityTag, .cacheControl: "public, max-age=60"]
        if call.request.headers[.ifNoneMatch]?.contains(entityTag) == true {
            return Response(status: .notModified, headers: headers)
        }
        let (evidence, shown, parts, name) = (found.evidence, found.shown, parts, name(in: found.stored.service))
        let drawn = await studio.picture(of: entityTag) {
            EvidenceChart(evidence, of: shown, parts: parts, name: name).png(width: width)
        }
        guard case .picture(let bytes) = drawn else {
            throw GeoReportError(code: 429, "Too many charts are being drawn; try again in a moment.", retryAfterS: 2)
        }
        var picture = Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
        picture.headers[.contentType] = "image/png"
        return picture
    }

    /// Pictures are drawn in these widths, so that nobody has one drawn anew by asking for another pixel.
    private static let widths = [600, 1200, 2400]

    /// `w`: the least width that the picture should have, in pixels.
    private func width(_ call: Call) throws -> Int {
        guard let text = call.query.parameters.first(where: { $0.name == "w" })?.value, !text.isEmpty else {
            return 1200
        }
        guard let width = Int(text), (300...2400).contains(width) else {
            throw GeoReportError(code: 400, "w must be a width of 300 to 2400 pixels.")
        }
        return Self.widths.first { $0 >= width } ?? 2400
    }

    /// A request with its evidence, as it is stored and as the public may see it.
    private struct Found {
        var stored: ServiceRequest
        var shown: ServiceRequest
        var evidence: RequestEvidence
    }

    private func find(_ call: Call) async throws -> Found {
        guard let id = call.id, let stored = try await site.source.request(id: id),
            let shown = site.view.disclosure.request(stored)
        else { throw Self.noSuchRequest }
        guard let evidence = try await parts.source.evidence(ofRequest: id) else {
            throw GeoReportError(code: 404, "No sensor's signal raised this request.")
        }
        return Found(stored: stored, shown: shown, evidence: evidence)
    }

    private static var noSuchRequest: GeoReportError {
        GeoReportError(code: 404, "There is no service request with this id.")
    }

    /// What a sensor is called in what concerns the service.
    private func name(in service: ServiceCode) -> @Sendable (String) -> String {
        let disclosure = site.view.disclosure
        return { disclosure.sensorID($0, of: service) ?? "a sensor" }
    }
}
