/// How exports are written.
public enum ExportFormat: String, Sendable, CaseIterable {
    case csv, geojson, ndjson

    public var contentType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8; header=present"
        case .geojson: "application/geo+json"
        case .ndjson: "application/x-ndjson; charset=utf-8"
        }
    }
}
