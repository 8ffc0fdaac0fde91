/// Takes a `multipart/form-data` body apart, one part after the other, without copying.
///
/// ```
/// --boundary CRLF
/// Content-Disposition: form-data; name="media"; filename="a.jpg" CRLF
/// CRLF
/// content CRLF
/// --boundary-- CRLF
/// ```
///
/// Strict: lines end in CRLF, every part has a name, the last delimiter is there.
///
/// - Source: RFC 7578, and RFC 2046 §5.1 for the delimiters.
public struct MultipartReader: Sendable {
    public struct Part: Sendable {
        public var name: String
        /// Whether it came with a file name.
        public var isFile: Bool
        public var content: ArraySlice<UInt8>
    }

    /// Of one part's header lines, in bytes.
    public static let longestHeader = 4096

    private let body: [UInt8]
    /// CRLF, two hyphens and the boundary.
    private let delimiter: [UInt8]
    private var position = 0
    private var state = State.atStart

    private enum State { case atStart, inParts, atEnd }

    public init(body: [UInt8], boundary: [UInt8]) {
        self.body = body
        delimiter = Self.lineEnd + [Self.hyphen, Self.hyphen] + boundary
    }

    /// The next part; nil behind the last.
    public mutating func next() throws(GeoReportError) -> Part? {
        if state == .atStart { try skipPreamble() }
        guard state == .inParts else { return nil }
        let (name, isFile) = try header()
        guard let end = find(delimiter, from: position) else { throw Self.broken("its last delimiter is missing") }
        let content = body[position..<end]
        position = end + delimiter.count
        try finishDelimiter()
        return Part(name: name, isFile: isFile, content: content)
    }

    /// The boundary that a content type names: 1–70 characters of RFC 2046's; nil when there is none.
    public static func boundary(in contentType: String) -> [UInt8]? {
        guard let value = HeaderParameters(contentType)["boundary"] else { return nil }
        let bytes = Array(value.utf8)
        guard (1...70).contains(bytes.count), bytes.last != UInt8(ascii: " "), bytes.allSatisfy(isOfBoundary) else {
            return nil
        }
        return bytes
    }

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]
    private static let hyphen = UInt8(ascii: "-")

    private static func broken(_ what: String) -> GeoReportError {
        GeoReportError(code: 400, "The multipart body can't be read: \(what)")
    }

    private static func isOfBoundary(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }

    /// To behind the first delimiter, which may stand at the very start.
    private mutating func skipPreamble() throws(GeoReportError) {
        if body.starts(with: delimiter.dropFirst(2)) {
            position = delimiter.count - 2
        } else if let start = find(delimiter, from: 0) {
            position = start + delimiter.count
        } else {
            throw Self.broken("the boundary that Content-Type names isn't in it")
        }
        state = .inParts
        try finishDelimiter()
    }

    /// Behind a boundary: two hyphens at the end of all, else perhaps blanks, and the line's end.
    private mutating func finishDelimiter() throws(GeoReportError) {
        if stands([Self.hyphen, Self.hyphen], at: position) {
            state = .atEnd
            return
        }
        while position < body.count, body[position] == 0x20 || body[position] == 0x09 { position += 1 }
        guard stands(Self.lineEnd, at: position) else { throw Self.broken("a delimiter doesn't end its line") }
        position += 2
    }

    /// A part's header lines, up to the empty one.
    private mutating func header() throws(GeoReportError) -> (name: String, isFile: Bool) {
        var disposition: HeaderParameters?
        let start = position
        while true {
            guard let end = find(Self.lineEnd, from: position, until: start + Self.longestHeader) else {
                throw Self.broken("a part's header doesn't end within \(Self.longestHeader) bytes")
            }
            let line = body[position..<end]
            position = end + 2
            if line.isEmpty { break }
            guard let text = String(validating: line, as: UTF8.self), let colon = text.firstIndex(of: ":") else {
                throw Self.broken("a part's header line has no name")
            }
            let value = String(text[text.index(after: colon)...])
            switch text[..<colon].lowercased() {
            case "content-disposition": disposition = HeaderParameters(value)
            case "content-transfer-encoding":
                guard ["7bit", "8bit", "binary"].contains(value.filter { $0 != " " }.lowercased()) else {
                    throw Self.broken("parts must be sent as they are, without a transfer encoding")
                }
            default: break
            }
        }
        guard let disposition, disposition.value == "form-data", let name = disposition["name"], !name.isEmpty else {
            throw Self.broken("a part has no name")
        }
        guard name.utf8.count <= SubmittedForm.longestName else { throw Self.broken("a part's name is too long") }
        return (name, disposition["filename"] != nil)
    }

    private func stands(_ expected: [UInt8], at start: Int) -> Bool {
        start + expected.count <= body.count && body[start..<(start + expected.count)].elementsEqual(expected)
    }

    private func find(_ pattern: [UInt8], from start: Int, until limit: Int = .max) -> Int? {
        let last = min(limit, body.count) - pattern.count
        guard start <= last else { return nil }
        let first = pattern[0]
        for place in start...last where body[place] == first {
            if stands(pattern, at: place) { return place }
        }
        return nil
    }
}
