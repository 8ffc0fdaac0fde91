public import Readings

/// What a verdict or an incident is about: one sensor, or a gateway with everything behind it.
public enum Subject: Sendable, Hashable, StateCodable {
    case sensor(SensorIndex)
    /// By the gateway's dense number, from 0.
    case gateway(Int)

    public mutating func code(_ coder: inout StateCoder) {
        var (isGateway, number) = (false, 0)
        switch self {
        case .sensor(let index): number = index.int
        case .gateway(let gateway): (isGateway, number) = (true, gateway)
        }
        coder.code(&isGateway)
        coder.code(&number, in: 0...Int(Int32.max))
        self = isGateway ? .gateway(number) : .sensor(SensorIndex(rawValue: UInt32(number)))
    }
}
