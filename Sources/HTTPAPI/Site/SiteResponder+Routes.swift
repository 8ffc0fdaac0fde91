import IssueStorage
import Open311

extension SiteResponder {
    /// Every place of the site, besides its files (``SiteFiles``). The first that matches answers.
    ///
    /// Each group of places has a file of its own.
    static func routes(
        _ site: SiteParts, configuration: HTTPConfiguration, events: EventBroadcaster, pulse: ServerPulse,
        nowMs: @escaping @Sendable () -> Int64
    ) -> [Route] {
        var site = site
        site.proxies = configuration.proxies
        let geoReport = GeoReportEndpoints(
            site: site, configuration: configuration, nowMs: nowMs, startedAtMs: nowMs())
        let jurisdiction = Jurisdiction(id: configuration.jurisdiction)
        // Without a desk nothing can be written, and there is nothing that was.
        let reports = site.desk.map {
            ReportEndpoints(
                site: site, desk: $0,
                bodies: BodyReader(timeout: configuration.bodyTimeout, room: configuration.uploadRoom),
                jurisdiction: jurisdiction, proxies: configuration.proxies, nowMs: nowMs)
        }
        let media = site.desk.map(MediaEndpoints.init)
        let assets = site.assets.map { AssetEndpoints(source: $0, catalog: site.view.catalog) }
        let pageKey = site.desk == nil ? nil : configuration.publicKey.map(PageKeyEndpoint.init)
        let v2 = GeoReportEndpoints.root
        let pages = site.pages.map { PagesEndpoints(site: site, pages: $0, health: pulse.health, nowMs: nowMs) }
        let routes = [
            Route(v2 + "/discovery.{format}", get: geoReport.discovery),
            Route(v2 + "/services.{format}", get: jurisdiction.checking(geoReport.services)),
            Route(v2 + "/services/{code}.{format}", get: jurisdiction.checking(geoReport.definition)),
            Route(v2 + "/requests.{format}", get: jurisdiction.checking(geoReport.requests), post: reports?.report),
            Route(v2 + "/requests/{id}.{format}", get: jurisdiction.checking(geoReport.request)),
            Route(
                v2 + "/servicerequestupdates.{format}", get: jurisdiction.checking(geoReport.updates),
                post: reports?.update),
            Route(v2 + "/tokens/{token}.{format}", get: reports.map { jurisdiction.checking($0.token) }),
            Route(PhotoName.prefix + "{name}", get: media?.photo),

            Route("/api/events", get: events.stream),

            Route("/api/assets", get: assets?.assets),
            Route("/api/key", get: pageKey?.answer),

            Route("/health/live", get: pulse.live),
            Route("/health/ready", get: pulse.ready),
            Route("/metrics", get: pulse.metrics),
            Route("/openapi.yaml", get: APIDescription.answer),
        ]
        return (routes + evidence(site) + statistics(site, configuration, nowMs: nowMs) + operations(site)).filter {
            !$0.answers.isEmpty
        }
            + (pages?.routes ?? [])
    }

    private static func evidence(_ site: SiteParts) -> [Route] {
        guard let parts = site.evidence else { return [] }
        let evidence = EvidenceEndpoints(site: site, parts: parts)
        return [
            Route("/api/requests/{id}/evidence", get: evidence.evidence),
            Route("/media/requests/{id}.png", get: evidence.chart),
        ]
    }

    /// For those who run the daemon.
    private static func operations(_ site: SiteParts) -> [Route] {
        let log = site.log.map { LogEndpoint(site: site, log: $0) }
        let figures = site.figures.map { FiguresEndpoint(site: site, figures: $0) }
        return [Route("/api/log", get: log?.answer), Route("/api/top", get: figures?.answer)]
    }

    /// What is reckoned from all requests, and their export.
    private static func statistics(
        _ site: SiteParts, _ configuration: HTTPConfiguration, nowMs: @escaping @Sendable () -> Int64
    ) -> [Route] {
        guard let store = site.store else { return [] }
        let measures = MeasuresEndpoints(
            reader: store, catalog: site.view.catalog, goals: site.goals, nowMs: nowMs)
        let hotspots = HotspotEndpoints(reader: store, disclosure: site.view.disclosure, nowMs: nowMs)
        let export = ExportEndpoints(
            store: store, view: site.view, patience: configuration.readerPatience, nowMs: nowMs)
        return [
            Route("/export/", get: export.page),
            Route("/export/requests.{kind}", get: export.requests),
            Route("/api/measures", get: measures.measures),
            Route("/api/hotspots", get: hotspots.hotspots),
        ]
    }
}
