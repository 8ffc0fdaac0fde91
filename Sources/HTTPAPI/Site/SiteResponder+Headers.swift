import HTTPTypes
import Hummingbird

extension SiteResponder {
    /// What every answer carries.
    ///
    /// The data are public, so any site may read them (CORS `*`); the page itself loads only from here and runs no
    /// inline script. Styles are set by the map library through the object model, which `style-src` doesn't govern.
    func addHeaders(to response: inout Response) {
        for (name, value) in Self.common { response.headers[name] = value }
        response.headers[Self.now] = String(nowMs())
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = Self.policy(imageOrigin: files.imageOrigin, frames: "'self'")
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }

    /// The daemon's clock when it answered, for whoever reckons an age. `Date` is the machine's.
    private static let now = HTTPField.Name("Sluice-Now-Ms")!

    private static let common: [(HTTPField.Name, String)] = [
        (.accessControlAllowOrigin, "*"),
        (.accessControlExposeHeaders, "Link, X-Total-Count, Sluice-Now-Ms"),
        (.xContentTypeOptions, "nosniff"),
        (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
        (HTTPField.Name("Cross-Origin-Opener-Policy")!, "same-origin"),
    ]

    /// - Parameters:
    ///   - imageOrigin: where map tiles come from, if anywhere.
    ///   - frames: who may show the page inside another. Only pages that write nothing may be shown everywhere.
    static func policy(imageOrigin: String?, frames: String) -> String {
        [
            "default-src 'self'",
            "img-src " + ["'self'", "data:", imageOrigin].compactMap { $0 }.joined(separator: " "),
            "object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors \(frames)",
        ].joined(separator: "; ")
    }
}
