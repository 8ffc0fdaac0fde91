/// One GeoReport answer as a tree, from which both formats are written, so that they can't drift apart.
///
/// JSON follows the spec's Spark convention: the root's name is dropped, lists are bare arrays. XML has no namespace
/// and no attributes; the items of a list are elements of the list's ``Node/list(of:_:)`` name.
public struct GeoReportDocument: Sendable {
    /// The XML root element.
    public var root: String
    public var content: Node

    public init(root: String, content: Node) {
        self.root = root
        self.content = content
    }

    public indirect enum Node: Sendable {
        /// JSON `null`, an empty element in XML.
        case absent
        case text(String)
        case integer(Int64)
        /// A finite number. NaN and infinities are written as absent, since neither format has them.
        case number(Double)
        case boolean(Bool)
        case time(ms: Int64)
        /// A JSON object; in XML, child elements.
        case fields([Field])
        /// A JSON array; in XML, one child element of this name each.
        case list(of: String, [Node])
    }

    /// A named part of an object.
    public struct Field: Sendable {
        public var name: String
        public var node: Node

        public init(_ name: String, _ node: Node) { (self.name, self.node) = (name, node) }
    }

    /// The document as UTF-8.
    public func encoded(as format: GeoReportFormat) -> [UInt8] {
        switch format {
        case .json: json()
        case .xml: xml()
        }
    }
}

extension GeoReportDocument.Node {
    /// Absent when nil or empty: GeoReport doesn't tell the two apart.
    public static func text(ifAny text: String?) -> Self {
        guard let text, !text.isEmpty else { return .absent }
        return .text(text)
    }

    /// Of another request.
    static func id(_ id: Int64?) -> Self { id.map { .text(String($0)) } ?? .absent }

    public static func time(ifAny ms: Int64?) -> Self { ms.map { .time(ms: $0) } ?? .absent }

    public static func number(ifAny number: Double?) -> Self { number.map { .number($0) } ?? .absent }
}
