import Open311

extension GeoReportFormat {
    /// What an error at this path is written in: by the path's extension, else as the client prefers. What programs read is
    /// JSON, and XML is what GeoReport makes mandatory. nil: plain text.
    ///
    /// - Parameter accepted: the `Accept` header.
    static func ofErrors(at path: String, accepted: String? = nil) -> GeoReportFormat? {
        if let format = Route.format(of: path) { return format }
        let isForPrograms = ["/api/", "/export/requests", "/media/"].contains { path.hasPrefix($0) }
        if isForPrograms || accepted?.contains("application/json") == true { return .json }
        return path.hasPrefix(GeoReportEndpoints.root) ? .xml : nil
    }
}
