import Synchronization

/// What went wrong, in the order of finding; the first 20 of it.
final class Findings: Sendable {
    private let found = Mutex<[String]>([])

    var all: [String] { found.withLock { $0 } }

    func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
        guard !holds else { return }
        let text = what()
        found.withLock { if $0.count < 20 { $0.append(text) } }
    }
}

/// An element that shows when half of it is another's.
struct Parcel: BitwiseCopyable, Sendable {
    var number: UInt64
    var seal: UInt64
    var sealAgain: UInt64

    init(_ number: Int) {
        self.number = UInt64(number)
        seal = scrambled(self.number)
        sealAgain = ~seal
    }

    func isWhole(_ expected: Int) -> Bool {
        number == UInt64(expected) && seal == scrambled(number) && sealAgain == ~seal
    }
}

/// A cheap, invertible mix of 64 bits: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func scrambled(_ number: UInt64) -> UInt64 {
    var mixed = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
}
