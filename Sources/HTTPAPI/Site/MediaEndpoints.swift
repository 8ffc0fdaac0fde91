import HTTPTypes
import Hummingbird
import IssueStorage
import Open311

/// The photos that came with reports.
struct MediaEndpoints: Sendable {
    let desk: any CivicDesk

    /// `GET /media/photos/NAME`. A name stands for one content for ever, but the photo may be erased: nobody else is to keep
    /// it for longer than a day.
    func photo(_ call: Call) async throws -> Response {
        let name = call["name"]
        guard PhotoName.isOne(name), let photo = try await desk.photo(named: name) else {
            throw GeoReportError(code: 404, "There is no such photo, or it is not kept any more.")
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: photo.format.contentType, .cacheControl: "public, max-age=86400, immutable",
            ], body: .init(byteBuffer: ByteBuffer(bytes: photo.bytes)))
    }
}
