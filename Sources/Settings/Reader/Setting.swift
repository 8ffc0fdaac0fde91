/// One key with the value that is in force, for `sluice check`.
package struct Setting: Sendable, Equatable, CustomStringConvertible {
    /// The full key: `mqtt.brokers[0].port`.
    package var key: String
    /// As it would be written, or nil when there is none. Secrets are never part of the configuration.
    package var value: String?
    /// Where it was set.
    package var place: Place

    /// `http.port: 8311  (default)`
    package var description: String {
        let origin =
            switch place {
            case .file(let line, _): "line \(line)"
            case .variable(let name): name
            case .standard: "default"
            }
        return "\(key): \(value ?? "–")  (\(origin))"
    }
}
