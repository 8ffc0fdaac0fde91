import Foundation
import Open311
import Testing

let xmlDeclaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

func text(_ document: GeoReportDocument, _ format: GeoReportFormat) -> String {
    String(decoding: document.encoded(as: format), as: UTF8.self)
}

/// Has parsers that are not ours read both formats: Foundation's for JSON, libxml2's `xmllint` for XML.
func expectWellFormed(_ document: GeoReportDocument, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(throws: Never.self, sourceLocation: sourceLocation) {
        try JSONSerialization.jsonObject(with: Data(document.encoded(as: .json)), options: .fragmentsAllowed)
    }
    let file = FileManager.default.temporaryDirectory.appending(path: "georeport-\(UUID().uuidString).xml")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(document.encoded(as: .xml)).write(to: file)
    let lint = Process()
    lint.executableURL = URL(filePath: "/usr/bin/xmllint")  // Debian: libxml2-utils
    lint.arguments = ["--noout", "--nonet", file.path(percentEncoded: false)]
    let complaints = Pipe()
    lint.standardError = complaints
    try lint.run()
    let said = try complaints.fileHandleForReading.readToEnd() ?? Data()
    lint.waitUntilExit()
    #expect(
        lint.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))", sourceLocation: sourceLocation)
}
