/// A sensor's number in this store: dense from 0, given once in stream order, never reused.
///
/// Everything on the data path names a sensor by this number; its id is looked up only when a person reads it.
public struct SensorIndex: RawRepresentable, Sendable, Hashable, BitwiseCopyable, Comparable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The same number, as an array index.
    public var int: Int { Int(rawValue) }

    public static func < (a: SensorIndex, b: SensorIndex) -> Bool { a.rawValue < b.rawValue }
}
