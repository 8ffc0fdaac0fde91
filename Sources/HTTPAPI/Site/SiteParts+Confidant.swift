import HTTPTypes
import Hummingbird
import NIOCore
import Open311

extension SiteParts {
    /// Whether the caller may see what is not for everyone: called from this machine, by its own name, and for nobody else; or
    /// with a key that may administer, as a bearer token.
    func isConfidant(_ call: Call) async -> Bool {
        let headers = call.request.headers
        let address = call.context.channel.remoteAddress?.ipAddress ?? ""
        if Authority.isThisMachine(address), !proxies.contains(address), isOfThisMachine(call.request) { return true }
        guard let desk, let bearer = headers[.authorization], bearer.hasPrefix("Bearer ") else {
            return false
        }
        return
            (try? await desk.access(
                key: String(bearer.dropFirst(7)), needing: .administer, from: call.clientAddress(behind: proxies)))
            != nil
    }

    /// A proxy on this machine speaks for others, and so does a browser on it that shows another site's page: by its `Origin`,
    /// or by a name of that site's that leads here (DNS rebinding).
    private func isOfThisMachine(_ request: Request) -> Bool {
        let headers = request.headers
        if ["X-Forwarded-For", "Forwarded", "X-Real-IP"].contains(where: { headers[HTTPField.Name($0)!] != nil }) {
            return false
        }
        guard let authority = request.head.authority.flatMap(Authority.init), authority.isThisMachine else {
            return false
        }
        guard let origin = headers[.origin] else { return true }
        return origin == "http://\(authority.text)" || origin == "https://\(authority.text)"
    }
}
