/// One entry of `GET services`, GeoReport v2.
public struct Service: Sendable, Equatable {
    /// How a posted request gets its number.
    public enum Handling: String, Sendable, CaseIterable {
        /// At once.
        case realtime
        /// Later: the answer is a token, to ask with.
        case batch
        /// Never: neither a number nor a token is told.
        case blackbox
    }

    public var code: ServiceCode
    /// `service_name`
    public var name: String
    public var description: String
    /// `group`: the department that deals with it.
    public var group: String
    /// `keywords`
    public var keywords: [String]
    /// `agency_responsible` of its requests, unless a request says otherwise.
    public var agency: String
    /// `type`
    public var handling: Handling
    /// What a report is asked for besides the standard fields: the service definition.
    public var attributes: [ServiceAttribute]
    /// Within how many hours a request is promised to be dealt with, by severity 1 to 4: `expected_datetime`.
    public var promiseHours: [Double]
    /// What of its requests the public sees.
    public var visibility: ServiceVisibility

    /// - Parameter promiseHours: four positive numbers, for the severities 1 to 4.
    public init(
        code: ServiceCode, name: String, description: String = "", group: String = "", keywords: [String] = [],
        agency: String = "", handling: Handling = .realtime, attributes: [ServiceAttribute] = [],
        promiseHours: [Double] = Service.usualPromiseHours, visibility: ServiceVisibility = .open
    ) {
        precondition(promiseHours.count == 4, "one for each severity, found \(promiseHours.count)")
        self.code = code
        self.name = name
        self.description = description
        self.group = group
        self.keywords = keywords
        self.agency = agency
        self.handling = handling
        self.attributes = attributes
        self.promiseHours = promiseHours
        self.visibility = visibility
    }

    /// Ten days for what can wait, four hours for what can't.
    public static let usualPromiseHours: [Double] = [240, 72, 24, 4]

    /// The promise for a severity, in milliseconds; severities beyond 1 to 4 are taken as the nearest.
    public func promiseMs(severity: Int) -> Int64 {
        Int64(promiseHours[min(max(severity, 1), 4) - 1] * 3_600_000)
    }
}

/// What of a service's requests the public sees. The greater keeps back more.
public enum ServiceVisibility: Sendable, Equatable, Comparable {
    /// Everything.
    case open
    /// Everything, with pseudonyms for sensor ids: where a sensor stands may be sensitive.
    case pseudonymous
    /// As pseudonymous, and positions only to so many metres, without the address.
    case coarse(metres: Double)
    /// Nothing: neither the service nor its requests.
    case hidden

    /// As in configuration.
    public var name: String {
        switch self {
        case .open: "open"
        case .pseudonymous: "pseudonymous"
        case .coarse: "coarse"
        case .hidden: "hidden"
        }
    }
}
