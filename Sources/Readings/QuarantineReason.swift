/// Why a message is in quarantine: the named outcomes of bad input.
///
/// The raw number is stored; never renumber. ``label`` is stable and safe as a metric label.
public enum QuarantineReason: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case notJSON = 1
    case missingField = 2
    case wrongType = 3
    case notFinite = 4
    case badTimestamp = 5
    case badSensorID = 6
    case unknownQuantity = 7
    case wrongUnit = 8
    case oversized = 9
    case noRoute = 10
    case unknownSensor = 11
    case tooManySensors = 12
    case nothingToRead = 13
    /// The payload names another sensor than its topic does.
    case topicMismatch = 14
    case outOfRange = 15
    /// A field that counts occurs twice, and nobody can say which is meant.
    case duplicateField = 16
    /// The payload is not of the route's format: cut, or another one's. (JSON has ``notJSON``.)
    case malformed = 17
    /// The device says itself that it could not measure: "No Sensor".
    case deviceFault = 18
    /// A distance from a sensor of whose mounting nothing is known.
    case noMounting = 19
    /// A Sparkplug edge node or device speaks that has not said what it is.
    case beforeBirth = 20

    public var label: String {
        switch self {
        case .notJSON: "not_json"
        case .missingField: "missing_field"
        case .wrongType: "wrong_type"
        case .notFinite: "not_finite"
        case .badTimestamp: "bad_timestamp"
        case .badSensorID: "bad_sensor_id"
        case .unknownQuantity: "unknown_quantity"
        case .wrongUnit: "wrong_unit"
        case .oversized: "oversized"
        case .noRoute: "no_route"
        case .unknownSensor: "unknown_sensor"
        case .tooManySensors: "too_many_sensors"
        case .nothingToRead: "nothing_to_read"
        case .topicMismatch: "topic_mismatch"
        case .outOfRange: "out_of_range"
        case .duplicateField: "duplicate_field"
        case .malformed: "malformed"
        case .deviceFault: "device_fault"
        case .noMounting: "no_mounting"
        case .beforeBirth: "before_birth"
        }
    }
}

/// A quarantined message as it crosses the ring; its bytes run beside.
public struct QuarantineHeader: Sendable, BitwiseCopyable, Equatable {
    public var reason: QuarantineReason
    public var arrivedAtMs: Int64
    /// Bytes of the topic, which come first.
    public var topicBytes: UInt16
    /// Bytes of the sentence that says what was found where, which come second.
    public var detailBytes: UInt16
    /// Bytes of the payload that are kept, which come third.
    /// When that is not all of it, the 32 bytes of the whole payload's SHA-256 come last.
    public var keptBytes: UInt32
    /// Bytes that the payload had.
    public var payloadBytes: UInt32

    /// Bytes that run beside the element.
    public var byteCount: Int { Int(topicBytes) + Int(detailBytes) + Int(keptBytes) + (isCut ? 32 : 0) }

    /// Whether only the payload's head is kept.
    public var isCut: Bool { keptBytes < payloadBytes }

    public init(
        reason: QuarantineReason, arrivedAtMs: Int64, topicBytes: UInt16, detailBytes: UInt16, keptBytes: UInt32,
        payloadBytes: UInt32
    ) {
        self.reason = reason
        self.arrivedAtMs = arrivedAtMs
        self.topicBytes = topicBytes
        self.detailBytes = detailBytes
        self.keptBytes = keptBytes
        self.payloadBytes = payloadBytes
    }

    /// A payload up to this long is kept whole.
    public static let wholeUpTo = 64 * 1024
    /// Of a longer one this much is kept, with its length and hash.
    public static let keptOfLonger = 4 * 1024
}
