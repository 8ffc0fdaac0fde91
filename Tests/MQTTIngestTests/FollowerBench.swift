import Foundation
import MQTTIngest
import MQTTSession
import Readings
import SPSCRing
import TestSupport

/// A follower between deliveries and a ring, without a broker: letters are messages, and what comes out is letters again.
///
/// A lower-case letter is a message of ours, an upper-case one is another's topic in the same journal.
final class FollowerBench {
    let journal: JournalFile
    let follower: JournalFollower
    private let intake: MessageIntake
    private var outlet: Outlet<StreamElement, Admission>

    /// - Parameters:
    ///   - records: what the journal holds; `|` begins a segment.
    ///   - count: how many of those characters earlier runs had accounted for; nil when they knew no journal.
    ///   - hasConsumers: whether we may tell the broker how far we have come.
    init(_ records: String, stored count: Int?, hasConsumers: Bool = true) throws {
        let journal = try JournalFile()
        if !hasConsumers { try FileManager.default.removeItem(atPath: "\(journal.directory)/consumers") }
        self.journal = journal
        var position = journal.end
        for (index, letter) in records.enumerated() {
            if letter == "|" { try journal.beginSegment() } else { try Self.append(letter, to: journal) }
            if let count, index + 1 == count { position = journal.end }
        }
        let conduit = Conduit<StreamElement, Admission>(capacity: 1 << 17, byteCapacity: 1 << 18, doorbell: Doorbell())
        let intake = MessageIntake(
            routes: RouteTable([.standard]), inlet: conduit.inlet, known: [("s", SensorIndex(rawValue: 0))])
        self.intake = intake
        outlet = conduit.outlet
        follower = JournalFollower(
            directory: journal.directory, consumer: "bench", filters: ["sluice/#"],
            stored: count == nil ? [] : [position], intake: intake, logger: quiet)
        follower.sessionBegins()
    }

    static func append(_ letter: Character, to journal: JournalFile) throws {
        let isOurs = letter.isLowercase
        try journal.append(topic: isOurs ? "sluice/bin-fill/s" : "others/x", payload: payload(letter))
    }

    private static func payload(_ letter: Character) -> String { #"{"value":\#(letter.asciiValue ?? 0)}"# }

    /// The broker delivers these, one after the other; `_` is a quiet moment.
    func deliver(_ letters: String) {
        for letter in letters {
            if letter == "_" {
                beQuiet()
            } else {
                receive(letter)
                settle()
            }
        }
    }

    /// Deliveries have ceased; what is lost is replayed.
    func beQuiet(atMs now: Int64 = 0) {
        while follower.replayRest(atMs: now) { settle() }
    }

    /// The broker delivers one message, which may have to wait.
    func receive(_ letter: Character) {
        intake.arrivedAtMs = 5000
        let (topic, payload) = (Array("sluice/bin-fill/s".utf8), Array(Self.payload(letter).utf8))
        follower.receive(topic: topic.span, payload: payload.span, delivery: Delivery())
    }

    /// Hides the journal's directory while `body` runs.
    func withoutJournal(_ body: () throws -> Void) throws {
        let hidden = journal.directory + ".hidden"
        try FileManager.default.moveItem(atPath: journal.directory, toPath: hidden)
        try body()
        try FileManager.default.moveItem(atPath: hidden, toPath: journal.directory)
    }

    func settle() {
        while follower.isBusy { follower.step() }
    }

    /// What has been pushed since the last call: a letter for each, in parentheses those that came from the journal.
    func taken() -> String {
        intake.flush()
        var text = ""
        while let element = outlet.pop() {
            guard case .reading(let reading) = element else { continue }
            let letter = String(UnicodeScalar(UInt8(reading.value)))
            text += reading.arrivedAtMs == 5000 ? letter : "(\(letter))"
        }
        return text
    }
}
