public import Readings

/// A message that could not become readings, kept for people to look at and to decode again.
public struct QuarantinedMessage: Sendable, Equatable {
    public var reason: QuarantineReason
    public var arrivedAtMs: Int64
    public var topic: [UInt8]
    /// What was found where, and what is right.
    public var detail: String
    /// The payload, or its first 4 KiB when it was longer than 64 KiB.
    public var payload: [UInt8]
    /// Bytes that the payload had.
    public var payloadBytes: Int
    /// SHA-256 of the whole payload, when only its head is kept.
    public var payloadSHA256: [UInt8]?

    /// Takes apart what crossed the ring beside `header`.
    ///
    /// - Precondition: `bytes` are the `header.byteCount` that it announces.
    public init(_ header: QuarantineHeader, bytes: [UInt8]) {
        precondition(
            bytes.count == header.byteCount, "\(header.byteCount) bytes were announced, \(bytes.count) are there")
        let detailStart = Int(header.topicBytes)
        let payloadStart = detailStart + Int(header.detailBytes)
        let payloadEnd = payloadStart + Int(header.keptBytes)
        self.init(
            reason: header.reason, arrivedAtMs: header.arrivedAtMs, topic: Array(bytes[..<detailStart]),
            detail: String(decoding: bytes[detailStart..<payloadStart], as: UTF8.self),
            payload: Array(bytes[payloadStart..<payloadEnd]), payloadBytes: Int(header.payloadBytes),
            payloadSHA256: header.isCut ? Array(bytes[payloadEnd...]) : nil)
    }

    public init(
        reason: QuarantineReason, arrivedAtMs: Int64, topic: [UInt8], detail: String, payload: [UInt8],
        payloadBytes: Int, payloadSHA256: [UInt8]? = nil
    ) {
        self.reason = reason
        self.arrivedAtMs = arrivedAtMs
        self.topic = topic
        self.detail = detail
        self.payload = payload
        self.payloadBytes = payloadBytes
        self.payloadSHA256 = payloadSHA256
    }
}
