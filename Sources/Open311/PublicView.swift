/// How the public sees requests: under which names, addresses and with how much detail.
public struct PublicView: Sendable {
    /// Takes out of a request what its service's ``ServiceVisibility`` keeps back.
    public var disclosure: Disclosure
    /// Scheme, host and port of this server, put before paths of its own; empty: paths stay paths.
    public var baseURL: String

    public init(_ disclosure: Disclosure, baseURL: String = "") {
        self.disclosure = disclosure
        self.baseURL = baseURL
    }

    /// Everything as it is stored, for staff.
    public init(catalog: ServiceCatalog, baseURL: String = "") {
        self.init(.everything(of: catalog), baseURL: baseURL)
    }

    /// The four standard services, nothing kept back.
    public static let standard = PublicView(catalog: .standard)

    public var catalog: ServiceCatalog { disclosure.catalog }

    /// Updates as the public may see them.
    ///
    /// - Parameter requests: those that they belong to, as they are stored; an update of another request is left out.
    public func updates(_ updates: [RequestUpdate], of requests: [ServiceRequest]) -> [RequestUpdate] {
        let byID = Dictionary(requests.map { ($0.id, $0) }) { first, _ in first }
        return updates.compactMap { update in
            byID[update.requestID].flatMap { disclosure.update(update, of: $0) }
        }
    }

    /// A medium's whole address.
    func url(_ media: String?) -> String? { media.map { $0.hasPrefix("/") ? baseURL + $0 : $0 } }
}
