extension Verdict {
    /// What a verdict rests on, and so which of its figures say why.
    public enum Ground: String, Sendable, CaseIterable {
        /// ``observed`` lies beyond ``threshold``.
        case threshold
        /// No value crossed anything: what adds up over time, or goes with what the neighbours see, is too much.
        case accumulation
        /// What is to come: ``forecastMs``.
        case forecast
        /// So many minutes, or so many values in a row.
        case count
    }

    /// What decided, as far as the figures tell.
    public var ground: Ground {
        switch rule {
        case .binForecast: .forecast
        case .silence, .gatewaySilence, .stuck, .clock, .implausible: .count
        default: isBeyondThreshold ? .threshold : .accumulation
        }
    }

    /// Whether ``observed`` lies where the threshold does, seen from what is usual, or further away.
    private var isBeyondThreshold: Bool {
        guard isUsualKnown, expected != threshold else { return observed >= threshold }
        return expected < threshold ? observed >= threshold : observed <= threshold
    }

    /// Whether ``expected`` has been learned. Of a bin that burns with its first reading nothing is known before.
    public var isUsualKnown: Bool { expected.isFinite && !(rule == .binFire && expected == observed) }
}

extension Rule {
    /// Whether small excesses add up to its opening, so that its threshold is only where a single mean opens by itself.
    public var addsUp: Bool { self == .nightFlow }
}
