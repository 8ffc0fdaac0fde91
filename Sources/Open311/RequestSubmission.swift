/// What `POST requests` says, without personal data: it enters the replayable stream as it is.
///
/// Checked against the service and the specification before one is made: the service exists, required attributes are
/// answered, texts are within their bounds.
public struct RequestSubmission: Sendable, Equatable, Codable {
    public var service: ServiceCode
    /// WGS 84 degrees. One of position, ``address``, ``addressID`` and ``assetID`` is there.
    public var latitude: Double?
    public var longitude: Double?
    /// `address_string`
    public var address: String?
    public var addressID: String?
    /// At most 4,000 characters.
    public var description: String
    public var attributes: [SubmittedAttribute]
    /// A web address, or the path of a photo that this server keeps, from `/media/` on.
    public var mediaURL: String?
    /// A registered sensor's id, when one stands behind the report. A phone's belongs to ``Reporter``.
    public var sensorID: String?
    /// `service_object_id` and `service_object_type`: the asset that the report is about.
    public var assetID: String?
    public var assetType: String?
    /// The caller's own name for the report (header `Idempotency-Key`): said again by the same key, it means the same
    /// report.
    public var externalID: String?
    /// Requests that the same person reported before, so that nobody counts as two: numbers alone, found when it was posted.
    public var earlier: [Int64]?
    /// Of the key that posted it: ``Access/key``.
    public var key: Int64

    public init(service: ServiceCode, description: String = "", key: Int64 = 0) {
        self.service = service
        self.description = description
        attributes = []
        self.key = key
    }

    /// The longest description, in Unicode scalars: what other servers' databases count as characters.
    public static let longestDescription = 4000
}
