import HTTPTypes
import Hummingbird

extension Request {
    /// Whether the client's `Accept-Encoding` has gzip, and not with a weight of nothing (RFC 9110, 12.5.3).
    var takesGzip: Bool {
        headers[.acceptEncoding]?.split(separator: ",").contains { part in
            let words = part.lowercased().split(whereSeparator: { $0 == ";" || $0 == " " })
            return words.first == "gzip"
                && !words.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        } ?? false
    }
}
