extension GeoReportDocument {
    /// `GET services`.
    public static func services(_ services: [Service]) -> GeoReportDocument {
        GeoReportDocument(
            root: "services", content: .list(of: "service", services.map { .fields(fields(of: $0)) }))
    }

    /// `GET services/CODE`.
    public static func definition(of service: Service) -> GeoReportDocument {
        GeoReportDocument(
            root: "service_definition",
            content: .fields([
                Field("service_code", .text(service.code.rawValue)),
                Field("attributes", .list(of: "attribute", service.attributes.map { .fields(fields(of: $0)) })),
            ]))
    }

    private static func fields(of service: Service) -> [Field] {
        [
            Field("service_code", .text(service.code.rawValue)),
            Field("service_name", .text(service.name)),
            Field("description", .text(service.description)),
            Field("metadata", .boolean(!service.attributes.isEmpty)),
            Field("type", .text(service.handling.rawValue)),
            Field("keywords", .text(service.keywords.joined(separator: ","))),
            Field("group", .text(service.group)),
        ]
    }

    private static func fields(of attribute: ServiceAttribute) -> [Field] {
        let values: [Node] = attribute.values.map {
            .fields([Field("key", .text($0.key)), Field("name", .text($0.name))])
        }
        return [
            Field("variable", .boolean(attribute.isVariable)),
            Field("code", .text(attribute.code)),
            Field("datatype", .text(attribute.datatype.rawValue)),
            Field("required", .boolean(attribute.isRequired)),
            Field("datatype_description", .text(ifAny: attribute.datatypeDescription)),
            Field("order", .integer(Int64(attribute.order))),
            Field("description", .text(attribute.description)),
            Field("values", .list(of: "value", values)),
        ]
    }
}
