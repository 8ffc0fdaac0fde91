/// What a form said, however it was sent: texts and files by name.
public struct SubmittedForm: Sendable {
    public struct File: Sendable, Equatable {
        public var name: String
        public var bytes: [UInt8]

        public init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
    }

    /// In the order sent; names may repeat.
    public private(set) var texts: [(name: String, value: String)] = []
    public private(set) var files: [File] = []

    /// Fields and files together.
    public static let mostParts = 200
    public static let mostFiles = 5
    /// In bytes; `attribute[…]` with a code of 64 fits many times.
    public static let longestName = 256
    /// In bytes: 4,000 characters of any script, and room.
    public static let longestText = 64 * 1024
    /// A whole body: some photos.
    public static let mostBytes = 24 << 20

    public init() {}

    /// Reads a body by its `Content-Type`: `application/x-www-form-urlencoded`, or `multipart/form-data`.
    ///
    /// - Throws: 400, which says what was wrong; 413 for more than the limits above.
    public init(body: [UInt8], contentType: String?) throws(GeoReportError) {
        guard let contentType else {
            // Nothing was said, and nothing sent: parameters may stand in the query.
            guard body.isEmpty else { throw Self.wrongType(nil) }
            return
        }
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        switch type {
        case "application/x-www-form-urlencoded": try readURLEncoded(body)
        case "multipart/form-data":
            guard let boundary = MultipartReader.boundary(in: contentType) else {
                throw GeoReportError(code: 400, "Content-Type: multipart/form-data comes with a boundary")
            }
            try readMultipart(body, boundary: boundary)
        default: throw Self.wrongType(contentType)
        }
    }

    /// Adds what stood in the query: behind the form's own fields, so that those count.
    public mutating func append(_ parameters: [(name: String, value: String)]) {
        for parameter in parameters.prefix(Self.mostParts) { add(parameter.name, parameter.value) }
    }

    private mutating func add(_ name: String, _ value: String) { texts.append((name, value)) }

    private mutating func readURLEncoded(_ body: [UInt8]) throws(GeoReportError) {
        for part in body.split(separator: UInt8(ascii: "&")) {
            try checkCount()
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.text(PercentCoding.decoded(halves[0]), longest: Self.longestName, of: "a field's name")
            let value = halves.count > 1 ? PercentCoding.decoded(halves[1]) : []
            add(name, try Self.text(value, longest: Self.longestText, of: name))
        }
    }

    private mutating func readMultipart(_ body: [UInt8], boundary: [UInt8]) throws(GeoReportError) {
        var reader = MultipartReader(body: body, boundary: boundary)
        while let part = try reader.next() {
            try checkCount()
            guard part.isFile else {
                add(part.name, try Self.text(part.content, longest: Self.longestText, of: part.name))
                continue
            }
            // A browser sends an empty one for a choice that was not made.
            if part.content.isEmpty { continue }
            guard files.count < Self.mostFiles else {
                throw GeoReportError(code: 413, "\(part.name): at most \(Self.mostFiles) files")
            }
            files.append(File(name: part.name, bytes: Array(part.content)))
        }
    }

    private func checkCount() throws(GeoReportError) {
        guard texts.count + files.count < Self.mostParts else {
            throw GeoReportError(code: 413, "The form has more than \(Self.mostParts) fields")
        }
    }

    private static func text(
        _ bytes: some Collection<UInt8>, longest: Int, of name: @autoclosure () -> String
    ) throws(GeoReportError) -> String {
        guard bytes.count <= longest else {
            throw GeoReportError(code: 413, "\(name().shortened): at most \(longest) bytes, found \(bytes.count)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw GeoReportError(code: 400, "\(name().shortened): must be UTF-8")
        }
        return text
    }

    private static func wrongType(_ found: String?) -> GeoReportError {
        .badParameter(
            "Content-Type", "must be application/x-www-form-urlencoded or multipart/form-data", found: found ?? "none")
    }
}
