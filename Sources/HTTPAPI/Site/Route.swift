import HTTPTypes
import Hummingbird
import Open311

/// A place of the site: what its path looks like, and what answers there.
///
/// A template's part between slashes may hold one `{name}`, which stands for one character or more and is handed to the
/// answer as it was sent. `.{format}` at the end stands for json or xml. Paths are compared as they were sent: no second
/// spelling (`%2e`, `//`, `..`) leads anywhere.
struct Route: Sendable {
    typealias Answer = @Sendable (Call) async throws -> Response

    /// The template without `.{format}`: a metric label.
    let label: String
    /// By method; HEAD is answered by GET's, OPTIONS by the responder.
    let answers: [HTTPRequest.Method: Answer]
    /// What `Allow` says.
    let allowed: String
    private let parts: [Part]
    private let hasFormat: Bool

    init(
        _ template: String, get: Answer? = nil, post: Answer? = nil, put: Answer? = nil, delete: Answer? = nil
    ) {
        hasFormat = template.hasSuffix(Self.formatSuffix)
        label = hasFormat ? String(template.dropLast(Self.formatSuffix.count)) : template
        parts = Self.split(label[...]).map(Part.init)
        let given: [(HTTPRequest.Method, Answer?)] = [(.get, get), (.post, post), (.put, put), (.delete, delete)]
        var answers: [HTTPRequest.Method: Answer] = [:]
        for (method, answer) in given { answers[method] = answer }
        self.answers = answers
        let names = given.filter { $0.1 != nil }.flatMap { $0.0 == .get ? ["GET", "HEAD"] : [$0.0.rawValue] }
        allowed = (names + ["OPTIONS"]).joined(separator: ", ")
    }

    /// What stands in the braces, by name; nil when this is another place.
    func captures(in path: String) -> Captures? {
        var rest = path[...]
        var format: GeoReportFormat?
        if hasFormat {
            format = Self.format(of: path)
            guard let format else { return nil }
            rest = rest.dropLast(format.rawValue.utf8.count + 1)
        }
        let found = Self.split(rest)
        guard found.count == parts.count else { return nil }
        var values: [String: String] = [:]
        for (part, text) in zip(parts, found) {
            guard let value = part.match(text) else { return nil }
            if let name = part.name { values[name] = value }
        }
        return Captures(values: values, format: format)
    }

    struct Captures {
        var values: [String: String]
        var format: GeoReportFormat?
    }

    /// The format that a path's extension asks for.
    static func format(of path: String) -> GeoReportFormat? {
        GeoReportFormat.allCases.first { path.hasSuffix("." + $0.rawValue) }
    }

    private static let formatSuffix = ".{format}"

    private static func split(_ path: Substring) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// `prefix{name}suffix`, or a text alone.
    private struct Part: Sendable {
        let name: String?
        let prefix, suffix: String

        init(_ template: Substring) {
            guard let open = template.firstIndex(of: "{"), let close = template.firstIndex(of: "}") else {
                (name, prefix, suffix) = (nil, String(template), "")
                return
            }
            name = String(template[template.index(after: open)..<close])
            prefix = String(template[..<open])
            suffix = String(template[template.index(after: close)...])
        }

        func match(_ text: Substring) -> String? {
            guard name != nil else { return text == prefix ? "" : nil }
            guard text.hasPrefix(prefix), text.hasSuffix(suffix),
                text.utf8.count > prefix.utf8.count + suffix.utf8.count
            else { return nil }
            return String(text.dropFirst(prefix.count).dropLast(suffix.count))
        }
    }
}
