// What tests need to look at chunks by themselves.

extension HistoryReading {
    /// The readings, which must be in order, as a chunk keeps them.
    package static func pack(_ readings: [HistoryReading]) -> [UInt8] { encode(readings) }

    /// What ``pack(_:)`` was given.
    /// - Throws: if the bytes are no chunk's.
    package static func unpack(_ bytes: [UInt8]) throws -> [HistoryReading] { try decode(bytes) }
}

extension HistoryBucket {
    /// The buckets, which must be in order, as a chunk keeps them.
    package static func pack(_ buckets: [HistoryBucket]) -> [UInt8] { encode(buckets) }

    /// What ``pack(_:)`` was given.
    /// - Throws: if the bytes are no chunk's.
    package static func unpack(_ bytes: [UInt8]) throws -> [HistoryBucket] { try decode(bytes) }
}
