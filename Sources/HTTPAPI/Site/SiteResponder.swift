import HTTPTypes
import Hummingbird
import Logging
import Metrics
import Open311

/// Answers every request: finds the route, asks it, and gives the answer its headers.
///
/// ```
/// path ──▶ route or file ──▶ method ──▶ answer ──▶ gzip? ──▶ headers ──▶ HEAD? drop the body ──▶ count
///   └ 404                      └ 405       └ 4xx as the route says; 500 only when the store fails
/// ```
///
/// One table, so that 404, 405, preflights and HEAD are the same everywhere and in the format asked for.
struct SiteResponder: HTTPResponder {
    typealias Context = SiteContext

    private let routes: [Route]
    let files: SiteFiles
    private let configuration: HTTPConfiguration
    private let metrics: HTTPMetrics
    private let compressor = BodyCompressor()
    /// The daemon's clock. Not the machine's: the demo's runs fast, a day behind.
    let nowMs: @Sendable () -> Int64
    private let logger: Logger

    init(
        routes: [Route], files: SiteFiles, configuration: HTTPConfiguration, metrics: any MetricsFactory,
        nowMs: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.routes = routes
        self.files = files
        self.configuration = configuration
        self.metrics = HTTPMetrics(routes: routes.map(\.label) + ["/assets", "unknown"], factory: metrics)
        self.nowMs = nowMs
        self.logger = logger
    }

    func respond(to request: Request, context: SiteContext) async throws -> Response {
        let started = ContinuousClock.now
        let path = request.uri.path
        var (response, place) = await answer(request, path: path, context: context)
        try await compressor.compress(&response, for: request)
        addHeaders(to: &response)
        if request.method == .head { response = response.createHeadResponse() }
        // The rest of a body that nobody reads would hold the connection for as long as it drips.
        if request.hasBody, !context.body.isRead { response.headers[.connection] = "close" }
        metrics.record(place, status: response.status.code, duration: .now - started)
        return response
    }

    /// The answer, and the place's number among the metrics.
    private func answer(_ request: Request, path: String, context: SiteContext) async -> (Response, Int) {
        let format = GeoReportFormat.ofErrors(at: path, accepted: request.headers[.accept])
        if let file = files.route(path) {
            return (await answer(request, file, .init(values: [:]), format, context), routes.count)
        }
        for (number, route) in routes.enumerated() {
            guard let captures = route.captures(in: path) else { continue }
            return (await answer(request, route, captures, format, context), number)
        }
        return (
            .error(GeoReportError(code: 404, "There is nothing at this path."), as: format), routes.count + 1
        )
    }

    private func answer(
        _ request: Request, _ route: Route, _ captures: Route.Captures, _ format: GeoReportFormat?,
        _ context: SiteContext
    ) async -> Response {
        if request.method == .options { return Self.preflight(route) }
        guard let answer = route.answers[request.method == .head ? .get : request.method] else {
            var response = Response.error(
                GeoReportError(code: 405, "This path answers to \(route.allowed)."), as: format)
            response.headers[.allow] = route.allowed
            return response
        }
        let call = Call(request: request, context: context, captures: captures, baseURL: baseURL(request))
        do {
            return try await answer(call)
        } catch let error as GeoReportError {
            return .error(error, as: format)
        } catch {
            logger.error("http.failed", metadata: ["route": "\(route.label)", "error": "\(error)"])
            return .error(GeoReportError(code: 500, "The server could not read its store."), as: format)
        }
    }

    /// What a browser asks before a script of another site may post.
    private static func preflight(_ route: Route) -> Response {
        Response(
            status: .noContent,
            headers: [
                .allow: route.allowed, .accessControlAllowMethods: route.allowed,
                .accessControlAllowHeaders: "Content-Type, Idempotency-Key", .accessControlMaxAge: "86400",
            ])
    }

    /// As configured, else as the client called us; a `Host` that isn't one is not repeated.
    private func baseURL(_ request: Request) -> String {
        if let url = configuration.publicURL { return url }
        let authority = request.head.authority.flatMap(Authority.init)?.text
        return (configuration.tls == nil ? "http://" : "https://")
            + (authority ?? "\(configuration.host):\(configuration.port)")
    }
}

extension Request {
    fileprivate var hasBody: Bool {
        headers[.transferEncoding] != nil || headers[.contentLength].map { $0 != "0" } == true
    }
}
