// Times before 1970 are negative, and Swift's `/` and `%` round towards zero.

/// The quotient rounded down. `b` is above 0.
@inlinable @inline(__always)
public func floorDivide<I: BinaryInteger>(_ a: I, _ b: I) -> I {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? quotient - 1 : quotient
}

/// The remainder that goes with ``floorDivide(_:_:)``: 0 ..< b.
@inlinable @inline(__always)
public func floorModulo<I: BinaryInteger>(_ a: I, _ b: I) -> I {
    let remainder = a % b
    return remainder < 0 ? remainder + b : remainder
}
