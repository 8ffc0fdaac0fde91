/// What counts are kept of.
public enum PlaceKind: Int64, Sendable, CaseIterable {
    case ward = 0
    case cell = 1
    /// All of it: how the seasons go.
    case city = 2
}
