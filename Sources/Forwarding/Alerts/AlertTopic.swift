internal import Open311

/// The topics of one request.
///
/// ```
///   sluice/alerts/water-leak/Aston/requests/17    its state, retained
///   sluice/alerts/water-leak/Aston/events         each change as it happens, not retained
/// ```
struct AlertTopic: Sendable, Equatable {
    let state: String
    let events: String

    init(prefix: String, request: ServiceRequest) {
        let place = "\(prefix)/\(request.service.rawValue)/\(Self.level(request.ward))"
        state = "\(place)/requests/\(request.id)"
        events = "\(place)/events"
    }

    /// A ward's name as one topic level: what separates levels, stands for others or can't stand in a topic becomes `_`.
    static func level(_ ward: String?) -> String {
        guard let ward, !ward.isEmpty else { return "_" }
        var level = String.UnicodeScalarView()
        for scalar in ward.unicodeScalars.prefix(100) {
            let isControl = scalar.properties.generalCategory == .control
            let isUsable =
                !isControl && !scalar.properties.isNoncharacterCodePoint && !"/+#".unicodeScalars.contains(scalar)
            level.append(isUsable ? scalar : "_")
        }
        // A first `$` would make it a topic of the broker's own, were the prefix empty; nowhere else does it matter.
        return String(level)
    }
}
