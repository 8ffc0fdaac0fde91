import HTTPTypes
import Hummingbird

extension Response {
    /// A total, and RFC 8288 links to the pages beside this one: a client can't tell a full page from the end.
    ///
    /// - Parameter total: nil where nobody has counted so far. Then there is no header: what it says is always so.
    mutating func addPageHeaders(_ call: Call, page: Int, hasNext: Bool, total: Int?) {
        let here = call.baseURL + call.request.uri.path
        let query = call.query
        var links: [String] = []
        if hasNext { links.append("<\(here)?\(query.setting("page", to: page + 1))>; rel=\"next\"") }
        if page > 1 { links.append("<\(here)?\(query.setting("page", to: page - 1))>; rel=\"prev\"") }
        headers[HTTPField.Name("X-Total-Count")!] = total.map { String($0) }
        headers[HTTPField.Name("Link")!] = links.isEmpty ? nil : links.joined(separator: ", ")
    }
}
