extension GeoReportDocument {
    /// `GET services`.
    public static func services(_ services: [Service]) -> GeoReportDocument {
        GeoReportDocument(
            root: "services", content: .list(of: "service", services.map { .fields(fields(of: $0)) }))
    }

    /// `GET services/CODE`. No service asks for attributes yet, so the list of them is empty.
    public static func definition(of service: Service) -> GeoReportDocument {
        GeoReportDocument(
            root: "service_definition",
            content: .fields([
                Field("service_code", .text(service.code.rawValue)),
                Field("attributes", .list(of: "attribute", [])),
            ]))
    }

    private static func fields(of service: Service) -> [Field] {
        [
            Field("service_code", .text(service.code.rawValue)),
            Field("service_name", .text(service.name)),
            Field("description", .text(service.description)),
            // There is no definition worth asking for: see `definition(of:)`.
            Field("metadata", .boolean(false)),
            Field("type", .text("realtime")),
            Field("keywords", .text(service.keywords.joined(separator: ","))),
            Field("group", .text(service.group)),
        ]
    }
}
