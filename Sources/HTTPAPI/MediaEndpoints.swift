import HTTPTypes
import Hummingbird
import Open311

/// The photos that came with reports.
struct MediaEndpoints: Sendable {
    let desk: any CivicDesk

    static let photos = "/media/photos"

    /// `GET /media/photos/NAME`. A name stands for one content for ever, but the photo may be erased: nobody else is to keep
    /// it for longer than a day.
    func photo(_ call: Call) async throws -> Response {
        let name = call["name"]
        guard Self.isName(name), let photo = try await desk.photo(named: name) else {
            throw GeoReportError(code: 404, "There is no such photo, or it is not kept any more.")
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: photo.format.contentType, .cacheControl: "public, max-age=86400, immutable",
            ], body: .init(byteBuffer: ByteBuffer(bytes: photo.bytes)))
    }

    /// A hash and a kind; nothing that could lead out of a folder.
    private static func isName(_ name: String) -> Bool {
        let halves = name.split(separator: ".", omittingEmptySubsequences: false)
        return halves.count == 2 && (8...128).contains(halves[0].utf8.count)
            && halves[0].utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
            && Photo.Format.allCases.contains { $0.fileExtension == halves[1] }
    }
}
