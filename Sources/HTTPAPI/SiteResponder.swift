import HTTPTypes
import Hummingbird
import Logging
import Open311
import Telemetry

/// Answers every request: finds the endpoint, asks it, and gives the answer its headers.
///
/// ```
/// path ──▶ Endpoint ──▶ method ──▶ answer ──▶ headers ──▶ HEAD? drop the body ──▶ count
///   └ 404                 └ 405       └ 400, 404 from the endpoint; 500 only when the store fails
/// ```
///
/// One table instead of a router, so that 404, 405 and HEAD are the same everywhere and in the format asked for.
struct SiteResponder: HTTPResponder {
    typealias Context = SiteContext

    let assets: AssetStore
    let geoReport: GeoReportEndpoints
    let events: EventBroadcaster
    let health: @Sendable () -> HealthReport
    let metricsText: @Sendable () -> String
    let metrics: HTTPMetrics
    /// The daemon's clock. Not the machine's: the demo's runs fast, a day behind.
    let nowMs: @Sendable () -> Int64
    let logger: Logger

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        let started = ContinuousClock.now
        let path = request.uri.path
        let endpoint = Endpoint(path: path, assets: assets.paths)
        var response = await answer(request, at: endpoint, path: path, context: context)
        addHeaders(to: &response)
        if request.method == .head { response = response.createHeadResponse() }
        metrics.record(
            endpoint?.template ?? .unknown, status: response.status.code, duration: .now - started)
        return response
    }

    private func answer(
        _ request: Request, at endpoint: Endpoint?, path: String, context: SiteContext
    ) async -> Response {
        let format = errorFormat(path: path, request)
        guard let endpoint else {
            return .error(GeoReportError(code: 404, "There is nothing at this path."), as: format)
        }
        switch request.method {
        case .get, .head: break
        case .options:
            return Response(
                status: .noContent, headers: [.allow: Self.methods, .accessControlAllowMethods: Self.methods])
        default:
            var response = Response.error(
                GeoReportError(code: 405, "This path can only be read: use GET or HEAD."), as: format)
            response.headers[.allow] = Self.methods
            return response
        }
        do {
            return try await read(endpoint, request, context)
        } catch let error as GeoReportError {
            return .error(error, as: format)
        } catch {
            logger.error(
                "http.failed", metadata: ["route": "\(endpoint.template.rawValue)", "error": "\(error)"])
            return .error(GeoReportError(code: 500, "The server could not read its store."), as: format)
        }
    }

    private func read(_ endpoint: Endpoint, _ request: Request, _ context: SiteContext) async throws -> Response {
        switch endpoint {
        case .discovery, .services, .service, .requests, .request:
            try await geoReport.answer(endpoint, request)
        case .live: healthAnswer { $0.isLive }
        case .ready: healthAnswer { $0.isReady }
        case .metrics: .text(metricsText(), contentType: "text/plain; version=0.0.4; charset=utf-8")
        case .events: eventStream(request, context)
        case .asset(let path): asset(path, request)
        }
    }

    private func healthAnswer(_ isGood: (HealthReport) -> Bool) -> Response {
        let report = health()
        return .document(report.document, as: .json, status: isGood(report) ? .ok : .serviceUnavailable)
    }

    private func asset(_ path: String, _ request: Request) -> Response {
        guard let asset = assets[path] else { return Response(status: .notFound) }
        var headers: HTTPFields = [
            .eTag: asset.entityTag, .cacheControl: asset.isVendored ? "public, max-age=86400" : "no-cache",
        ]
        if let known = request.headers[.ifNoneMatch], known.contains(asset.entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = asset.contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: asset.body))
    }

    private static let methods = "GET, HEAD, OPTIONS"

    /// By the path's extension, else as the client prefers; XML is what the spec makes mandatory. nil: plain text.
    private func errorFormat(path: String, _ request: Request) -> GeoReportFormat? {
        if let format = Endpoint.format(of: path) { return format }
        if request.headers[.accept]?.contains("application/json") == true { return .json }
        return path.hasPrefix(Endpoint.geoReportRoot) ? .xml : nil
    }
}
