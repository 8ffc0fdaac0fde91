/// Writes an export piece by piece: the head, rows, the end. Keeps nothing of what it wrote.
///
/// - CSV as RFC 4180 has it: a header line, commas, CRLF, quotes doubled inside quotes; UTF-8. A text that a spreadsheet
///   would take for a formula (it begins with =, +, - or @, a tab or a carriage return) gets an apostrophe in front.
/// - GeoJSON as RFC 7946 has it: one FeatureCollection of points, longitude first; null without a position.
/// - NDJSON: one object a line.
public struct ExportEncoder: Sendable {
    public let format: ExportFormat
    private let view: PublicView
    private var isFirst = true

    public init(_ format: ExportFormat, for view: PublicView) { (self.format, self.view) = (format, view) }

    /// What stands before the first row.
    public func head() -> [UInt8] {
        switch format {
        case .csv: Array((ExportColumn.allCases.map(\.rawValue).joined(separator: ",") + "\r\n").utf8)
        case .geojson: Array("{\"type\":\"FeatureCollection\",\"features\":[\n".utf8)
        case .ndjson: []
        }
    }

    /// What stands behind the last.
    public func end() -> [UInt8] {
        switch format {
        case .csv, .ndjson: []
        case .geojson: Array("\n]}\n".utf8)
        }
    }

    /// Appends a row to `out`, as the public may see it; nothing if it may not.
    public mutating func append(_ exported: ExportedRequest, to out: inout [UInt8]) {
        guard let request = view.disclosure.request(exported.request) else { return }
        let shown = ExportedRequest(request: request, closedAtMs: exported.closedAtMs)
        switch format {
        case .csv: appendLine(shown, to: &out)
        case .ndjson:
            appendObject(.fields(fields(shown)), to: &out)
            out.append(0x0A)
        case .geojson:
            if !isFirst { out.append(contentsOf: [UInt8(ascii: ","), 0x0A]) }
            appendObject(feature(shown), to: &out)
        }
        isFirst = false
    }

    private func fields(_ exported: ExportedRequest) -> [GeoReportDocument.Field] {
        ExportColumn.allCases.map { GeoReportDocument.Field($0.rawValue, $0.value(of: exported, view)) }
    }

    private func feature(_ exported: ExportedRequest) -> GeoReportDocument.Node {
        var geometry = GeoReportDocument.Node.absent
        if let latitude = exported.request.latitude, let longitude = exported.request.longitude {
            geometry = .fields([
                .init("type", .text("Point")),
                .init("coordinates", .list(of: "degrees", [.number(longitude), .number(latitude)])),
            ])
        }
        return .fields([
            .init("type", .text("Feature")), .init("id", .text(String(exported.request.id))),
            .init("geometry", geometry), .init("properties", .fields(fields(exported))),
        ])
    }

    private func appendObject(_ node: GeoReportDocument.Node, to out: inout [UInt8]) {
        out.append(contentsOf: GeoReportDocument(root: "request", content: node).encoded(as: .json))
    }

    // MARK: - CSV

    private func appendLine(_ exported: ExportedRequest, to out: inout [UInt8]) {
        for (position, column) in ExportColumn.allCases.enumerated() {
            if position > 0 { out.append(UInt8(ascii: ",")) }
            switch column.value(of: exported, view) {
            case .text(let text): Self.appendCell(text, to: &out)
            case .integer(let number): out.append(contentsOf: String(number).utf8)
            case .number(let number): if number.isFinite { out.append(contentsOf: "\(number)".utf8) }
            case .time(let ms): out.append(contentsOf: W3CDateTime(milliseconds: ms).description.utf8)
            case .absent, .boolean, .fields, .list: break
            }
        }
        out.append(contentsOf: [0x0D, 0x0A])
    }

    /// - Source: OWASP, "CSV Injection": https://owasp.org/www-community/attacks/CSV_Injection
    private static func appendCell(_ text: String, to out: inout [UInt8]) {
        let bytes = text.utf8
        let isFormula = bytes.first.map(formulaStarts.contains) ?? false
        let needsQuotes = bytes.contains(where: needQuotes.contains)
        if needsQuotes { out.append(UInt8(ascii: "\"")) }
        if isFormula { out.append(UInt8(ascii: "'")) }
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { out.append(byte) }
            out.append(byte)
        }
        if needsQuotes { out.append(UInt8(ascii: "\"")) }
    }

    private static let formulaStarts = Array("=+-@\t\r".utf8)
    private static let needQuotes = Array("\",\r\n".utf8)
}
