import Readings

/// What a traffic detector measured at one moment.
struct TrafficSample: Sendable, Equatable, StateCodable, BitwiseCopyable {
    var atMs: Int64
    var speed: Double?
    var occupancy: Double?
    var flow: Double?

    init(atMs: Int64) { self.atMs = atMs }

    mutating func set(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .speed: speed = value
        case .occupancy: occupancy = value
        case .vehicleFlow: flow = value
        default: break
        }
    }

    /// Which quantities it has, a bit each.
    var mask: UInt8 { (speed != nil ? 1 : 0) | (occupancy != nil ? 2 : 0) | (flow != nil ? 4 : 0) }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&atMs)
        coder.code(&speed)
        coder.code(&occupancy)
        coder.code(&flow)
    }
}

/// Puts readings of one moment together.
///
/// A sample is whole when it has every quantity that lately came, so that nothing waits for the next moment. A quantity
/// that has been missing twelve times is not waited for (a detector without traffic has no speed).
///
/// - Complexity: O(1). Memory: 100 bytes.
struct TrafficAssembler: Sendable, Equatable, StateCodable, BitwiseCopyable {
    private var sample: TrafficSample?
    private var awaited: UInt8 = 0
    private var missed: UInt8 = 0

    /// - Returns: Samples that are whole now, oldest first: an earlier one that waited in vain, and this one.
    mutating func append(
        _ quantity: Quantity, _ value: Double, atMs: Int64
    ) -> (earlier: TrafficSample?, own: TrafficSample?) {
        var earlier: TrafficSample?
        if let waiting = sample, waiting.atMs != atMs {
            earlier = waiting
            missed = min(missed + 1, 12)
            awaited = missed == 12 ? waiting.mask : awaited | waiting.mask
            sample = nil
        }
        var current = sample ?? TrafficSample(atMs: atMs)
        current.set(quantity, value)
        sample = current
        // Nothing is known of what comes with it before the first sample has passed.
        guard awaited != 0, current.mask & awaited == awaited else { return (earlier, nil) }
        awaited |= current.mask
        missed = 0
        sample = nil
        return (earlier, current)
    }

    mutating func code(_ coder: inout StateCoder) {
        coder.code(&sample, fresh: TrafficSample(atMs: 0))
        coder.code(&awaited)
        coder.code(&missed)
    }
}
