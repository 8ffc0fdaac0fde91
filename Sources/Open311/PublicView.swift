/// How the public sees requests: under which names, addresses and with how much detail.
public struct PublicView: Sendable {
    public var catalog: ServiceCatalog
    /// Scheme, host and port of this server, put before paths of its own; empty: paths stay paths.
    public var baseURL: String
    /// Takes out of a request what its service's ``ServiceVisibility`` keeps back.
    public var disclosing: @Sendable (ServiceRequest) -> ServiceRequest

    public init(
        catalog: ServiceCatalog, baseURL: String = "",
        disclosing: @escaping @Sendable (ServiceRequest) -> ServiceRequest = { $0 }
    ) {
        self.catalog = catalog
        self.baseURL = baseURL
        self.disclosing = disclosing
    }

    /// The four standard services, nothing kept back.
    public static let standard = PublicView(catalog: .standard)

    /// A medium's whole address.
    func url(_ media: String?) -> String? { media.map { $0.hasPrefix("/") ? baseURL + $0 : $0 } }
}
