internal import Glibc

/// What of the store the public may know: the one place where a stored request becomes a public one.
///
/// Pure, and applied on every way out: documents, live stream, exports, forwarding, evidence. What each service keeps back
/// is its ``ServiceVisibility``.
///
/// | | sensor ids | texts | position | address, asset, answers, media | found by place |
/// |---|---|---|---|---|---|
/// | open | as they are | as they are | exact | as they are | yes |
/// | pseudonymous | pseudonyms | with pseudonyms | exact | as they are | yes |
/// | coarse | pseudonyms | general | middle of a grid cell | withheld | no |
/// | hidden | – | – | – | – | no, nor otherwise |
///
/// A gateway is not a sensor. What is said of its silence has its own name where sensors have pseudonyms: nobody is told by it
/// which sensor is which, and whoever is to mend it finds it in the list of sensors.
public struct Disclosure: Sendable {
    public let catalog: ServiceCatalog
    /// A stable name in the place of a sensor's id, from which nobody can tell the id.
    private let pseudonym: @Sendable (String) -> String
    /// For staff, and where no key to it is: everything is as it is stored.
    private let keepsNothingBack: Bool

    public init(catalog: ServiceCatalog, pseudonym: @escaping @Sendable (String) -> String) {
        self.catalog = catalog
        self.pseudonym = pseudonym
        keepsNothingBack = false
    }

    private init(everythingOf catalog: ServiceCatalog) {
        self.catalog = catalog
        pseudonym = { $0 }
        keepsNothingBack = true
    }

    /// Everything as it is stored, for staff.
    public static func everything(of catalog: ServiceCatalog) -> Disclosure { Disclosure(everythingOf: catalog) }

    /// Whether the public may know that the service has requests at all.
    public func isPublic(_ service: ServiceCode) -> Bool { visibility(of: service) != .hidden }

    /// A request as the public may see it; nil if it may not.
    public func request(_ stored: ServiceRequest) -> ServiceRequest? {
        switch visibility(of: stored.service) {
        case .open: stored
        case .pseudonymous: Self.speaksOfGateway(stored.detector) ? stored : named(stored)
        case .coarse(let metres): blurred(named(stored), metres: metres)
        case .hidden: nil
        }
    }

    /// A request's update as the public may see it; nil if it may not.
    ///
    /// - Parameter request: the one that it belongs to, as it is stored.
    public func update(_ stored: RequestUpdate, of request: ServiceRequest) -> RequestUpdate? {
        switch visibility(of: request.service) {
        case .open: return stored
        case .pseudonymous where Self.speaksOfGateway(request.detector): return stored
        case .pseudonymous:
            var update = stored
            update.text = masked(update.text, request.sensorID)
            return update
        case .coarse:
            var update = stored
            update.text = Self.general(update.word)
            update.mediaURL = nil
            return update
        case .hidden: return nil
        }
    }

    /// A sensor's name in what concerns a service; nil if nothing of it is public.
    ///
    /// - Parameter rule: the name of the rule that speaks of it, if one does.
    public func sensorID(_ id: String, of service: ServiceCode, rule: String? = nil) -> String? {
        switch visibility(of: service) {
        case .open: id
        case .pseudonymous where Self.speaksOfGateway(rule): id
        case .pseudonymous, .coarse: id.isEmpty ? id : pseudonym(id)
        case .hidden: nil
        }
    }

    /// A sentence about a sensor in what concerns a service; nil if nothing of it is public.
    ///
    /// - Parameter rule: the name of the rule that speaks of it, if one does.
    public func sentence(_ text: String, about id: String, of service: ServiceCode, rule: String? = nil) -> String? {
        switch visibility(of: service) {
        case .open: text
        case .pseudonymous where Self.speaksOfGateway(rule): text
        case .pseudonymous: masked(text, id)
        case .coarse: ""
        case .hidden: nil
        }
    }

    /// Whether a service's addresses, exact positions and readings' places are public.
    public func showsPlaces(of service: ServiceCode) -> Bool {
        switch visibility(of: service) {
        case .open, .pseudonymous: true
        case .coarse, .hidden: false
        }
    }

    private func visibility(of service: ServiceCode) -> ServiceVisibility {
        keepsNothingBack ? .open : catalog.named(service).visibility
    }

    // MARK: - Names

    private static func speaksOfGateway(_ rule: String?) -> Bool { rule == "gateway-silence" }

    private func named(_ stored: ServiceRequest) -> ServiceRequest {
        guard !stored.sensorID.isEmpty else { return stored }
        var request = stored
        request.sensorID = pseudonym(stored.sensorID)
        request.title = masked(stored.title, stored.sensorID)
        request.description = masked(stored.description, stored.sensorID)
        request.statusNotes = masked(stored.statusNotes, stored.sensorID)
        request.notice = masked(stored.notice, stored.sensorID)
        request.incidentKey = masked(stored.incidentKey, stored.sensorID)
        return request
    }

    private func masked(_ text: String, _ id: String) -> String {
        guard !id.isEmpty, var found = text.offset(of: id, from: 0) else { return text }
        var (masked, copied) = ("", text.startIndex)
        repeat {
            let start = text.utf8.index(text.startIndex, offsetBy: found)
            let end = text.utf8.index(start, offsetBy: id.utf8.count)
            // Whole names only: of a sensor called 1 nothing would be left of any number.
            let isWhole =
                !(text[..<start].last.map(Self.isOfName) ?? false) && !(text[end...].first.map(Self.isOfName) ?? false)
            masked += text[copied..<start] + (isWhole ? pseudonym(id) : id)
            copied = end
            guard let next = text.offset(of: id, from: found + id.utf8.count) else { break }
            found = next
        } while true
        return masked + text[copied...]
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "-" || character == "_"
    }

    // MARK: - Places

    /// What is left when nobody may tell where it is: neither from the position nor from what people or rules wrote.
    private func blurred(_ stored: ServiceRequest, metres: Double) -> ServiceRequest {
        var request = stored
        let service = catalog.named(stored.service)
        if let latitude = stored.latitude, let longitude = stored.longitude {
            (request.latitude, request.longitude) = Self.cell(latitude, longitude, metres: metres)
            request.radiusM = max(stored.radiusM ?? 0, (metres * 0.75).rounded(.up))
        }
        request.title = service.name
        request.description = service.description
        request.statusNotes = Self.general(stored.word)
        request.incidentKey = stored.isShare ? ServiceRequest.shareMark : ""
        request.address = nil
        request.addressID = nil
        request.mediaURL = nil
        request.attributes = []
        request.assetID = nil
        request.assetType = nil
        return request
    }

    private static func general(_ word: UpdateWord) -> String {
        let shown = word.rawValue.replacing("_", with: " ")
        return "Status: \(shown). Details are not public."
    }

    /// The middle of the grid cell that holds a position. A grid and not noise: an average of many answers tells no more
    /// than one. Its corners are within 0.71 of `metres`.
    private static func cell(_ latitude: Double, _ longitude: Double, metres: Double) -> (Double, Double) {
        let north = metres / 111_320
        let row = snapped(latitude, to: north, within: 90)
        // Of the row's middle, so that all of the row has cells of one width. Beyond 89° a cell is a sector.
        let east = north / max(cos(row * .pi / 180), 0.017)
        return (row, snapped(longitude, to: east, within: 180))
    }

    private static func snapped(_ degrees: Double, to step: Double, within limit: Double) -> Double {
        let middle = ((degrees / step).rounded(.down) + 0.5) * step
        // Six digits are a tenth of a metre.
        return (min(max(middle, -limit), limit) * 1_000_000).rounded() / 1_000_000
    }
}
