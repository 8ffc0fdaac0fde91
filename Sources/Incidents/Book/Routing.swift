public import Detection
public import Open311
internal import Readings

/// Which department deals with a request: by service, ward, severity and time of day.
///
/// The first rule that fits decides. Where none fits, it is the service's own agency.
public struct Routing: Sendable, Equatable {
    public struct Rule: Sendable, Equatable {
        public var service: ServiceCode
        /// nil: in every ward.
        public var wards: [String]?
        /// From this severity on, 1 to 4.
        public var leastSeverity = 1
        /// When, by the local clock, it is routed so; nil: at all times.
        public var hours: Hours?
        /// nil: the service's own.
        public var agency: String?
        /// Departments that get a part of it to deal with: a leak that slows traffic is for highways, too.
        public var parts: [Part] = []

        public init(service: ServiceCode) { self.service = service }
    }

    /// A part of every day, in minutes from midnight: from the first up to, not including, the second; over midnight,
    /// where the first is the greater.
    public struct Hours: Sendable, Equatable {
        public var from: Int
        public var to: Int

        public init(from: Int, to: Int) { (self.from, self.to) = (from, to) }

        public func contains(_ minute: Int) -> Bool {
            from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
        }
    }

    /// Another department's share: a request of its own, with the whole as its parent.
    public struct Part: Sendable, Equatable {
        /// The service that it is filed under.
        public var service: ServiceCode
        public var agency: String

        public init(service: ServiceCode, agency: String) { (self.service, self.agency) = (service, agency) }
    }

    public var rules: [Rule] = []

    public init() {}

    /// The rule for a request that is opened, or has become graver, at `atMs`; nil if none fits.
    public func rule(
        service: ServiceCode, ward: String?, severity: Int, atMs: Int64, zone: ZoneTable
    ) -> Rule? {
        guard !rules.isEmpty else { return nil }
        let localS = atMs / 1000 + Int64(zone.offsetSeconds(atMs: atMs))
        let minute = Int(((localS % 86_400) + 86_400) % 86_400) / 60
        return rules.first { rule in
            rule.service == service && severity >= rule.leastSeverity
                && (rule.wards.map { wards in ward.map(wards.contains) ?? false } ?? true)
                && (rule.hours?.contains(minute) ?? true)
        }
    }
}
