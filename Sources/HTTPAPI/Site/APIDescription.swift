import HTTPTypes
import Hummingbird

/// The OpenAPI document: `Assets/openapi.yaml`, compiled in. It describes every route; a test compares the two.
enum APIDescription {
    @Sendable static func answer(_ call: Call) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/yaml; charset=utf-8", .cacheControl: "no-cache"],
            body: .init(byteBuffer: document))
    }

    private static let document = ByteBuffer(bytes: PackageResources.openapi_yaml)
}
