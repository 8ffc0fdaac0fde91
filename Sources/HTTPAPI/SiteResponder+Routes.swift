import Open311

extension SiteResponder {
    /// Every place of the site, besides its files (``AssetStore``). The first that matches answers.
    ///
    /// Each group of places has a file of its own.
    static func routes(
        _ site: SiteParts, configuration: HTTPConfiguration, events: EventBroadcaster, pulse: ServerPulse,
        nowMs: @escaping @Sendable () -> Int64
    ) -> [Route] {
        let geoReport = GeoReportEndpoints(
            site: site, configuration: configuration, nowMs: nowMs, startedAtMs: nowMs())
        let v2 = GeoReportEndpoints.root
        return [
            Route(v2 + "/discovery.{format}", get: geoReport.discovery),
            Route(v2 + "/services.{format}", get: geoReport.services),
            Route(v2 + "/services/{code}.{format}", get: geoReport.definition),
            Route(v2 + "/requests.{format}", get: geoReport.requests),
            Route(v2 + "/requests/{id}.{format}", get: geoReport.request),
            Route(v2 + "/servicerequestupdates.{format}", get: geoReport.updates),

            Route("/api/events", get: events.stream),

            Route("/health/live", get: pulse.live),
            Route("/health/ready", get: pulse.ready),
            Route("/metrics", get: pulse.metrics),
        ]
    }
}
