/// A thing in the streets that requests are about: a bin, a shelter, a hydrant, a chamber.
public struct Asset: Sendable, Equatable, Codable {
    /// `service_object_id`: 1–128 bytes of printable UTF-8.
    public var id: String
    /// What sort of thing, in the city's words: 1–64 of `a`–`z`, `0`–`9` and `-`.
    public var kind: String
    /// WGS 84 degrees.
    public var latitude: Double
    public var longitude: Double
    public var name: String?
    /// In words that a resident knows.
    public var address: String?
    public var ward: String?

    public init(id: String, kind: String, latitude: Double, longitude: Double) {
        self.id = id
        self.kind = kind
        self.latitude = latitude
        self.longitude = longitude
    }
}
