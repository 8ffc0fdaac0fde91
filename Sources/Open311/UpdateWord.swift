/// The status word of an update: finer than open and closed, as FixMyStreet and its adapter use them.
///
/// - Source: https://github.com/mysociety/open311-adapter, the states of `GET servicerequestupdates`.
public enum UpdateWord: String, Sendable, CaseIterable, Codable {
    case open, investigating
    case inProgress = "in_progress"
    case actionScheduled = "action_scheduled"
    case planned
    case fixed, closed, duplicate
    case noFurtherAction = "no_further_action"
    case notResponsible = "not_councils_responsibility"
    case internalReferral = "internal_referral"
    case forTriage = "for_triage"
    case cancelled, reopen

    /// Reads a word in any case; nil for one that is none of these. `unchanged` is none: it says that the last one stays.
    public init?(anyCase text: String) { self.init(rawValue: text.lowercased()) }

    public init(_ status: ServiceRequest.Status) { self = status == .open ? .open : .closed }

    /// What GeoReport's own two states say of it.
    public var status: ServiceRequest.Status {
        switch self {
        case .open, .investigating, .inProgress, .actionScheduled, .planned, .internalReferral, .forTriage, .reopen:
            .open
        case .fixed, .closed, .duplicate, .noFurtherAction, .notResponsible, .cancelled: .closed
        }
    }
}
