import Glibc
import SPSCRing

/// Two threads race over everything that the data path shares; every element is checked for content and order.
///
/// To be built in release under ThreadSanitizer, which sees the ring's specialised code:
/// `swift build -c release --sanitize=thread --product RingRace`, then `RingRace [elements] [capacity]`.
/// Exits with 1 when an element, a byte, an answer or a wake went missing; ThreadSanitizer itself with 66.
@main struct RingRace {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let count = arguments.first ?? 2_000_000
        let capacity = arguments.dropFirst().first ?? 256
        guard count >= 1000, capacity >= 2, capacity & (capacity - 1) == 0 else {
            print("usage: RingRace [elements, at least 1000] [capacity, a power of two]")
            exit(2)
        }
        let findings = Findings()
        measure("ring: one by one and in batches") { raceRing(count, capacity: capacity, findings) }
        measure("ring of one slot") { raceRing(count / 10, capacity: 1, findings) }
        measure("conduit: elements, bytes, replies, cursor") { raceConduit(count, capacity: capacity, findings) }
        measure("doorbell: sleeping and waking in turn") { raceDoorbell(count / 50, findings) }
        for finding in findings.all { print("FAILED \(finding)") }
        print(findings.all.isEmpty ? "no element lost, changed or out of order" : "\(findings.all.count) failures")
        exit(findings.all.isEmpty ? 0 : 1)
    }

    private static func measure(_ name: String, _ race: () -> String) {
        var summary = ""
        let elapsed = ContinuousClock().measure { summary = race() }
        print("\(name): \(summary), \(elapsed)")
    }
}
