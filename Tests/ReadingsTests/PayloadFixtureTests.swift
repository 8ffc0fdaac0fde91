import Readings
import Testing

/// Each file under `fixtures/payloads` says in its name what decoding it comes to.
@Suite struct PayloadFixtureTests {
    @Test(arguments: try Fixtures.names(in: "payloads"))
    func decodesToWhatItsNameSays(_ file: String) throws {
        let expected = file.prefix { $0 != "-" && $0 != "." }
        let outcome = decode(try Fixtures.bytes("payloads/\(file)"))
        #expect(outcome.label == String(expected), "\(outcome)")
    }

    @Test func coverEveryReasonThatADecoderGives() throws {
        let covered = Set(try Fixtures.names(in: "payloads").map { String($0.prefix { $0 != "-" }) })
        // Those that need more than flat JSON on its own topic.
        let others: Set<QuarantineReason> = [
            .oversized, .noRoute, .unknownSensor, .tooManySensors, .malformed, .deviceFault, .noMounting, .beforeBirth,
        ]
        let expected = Set(QuarantineReason.allCases).subtracting(others).map(\.label) + ["good"]
        #expect(covered == Set(expected))
    }

    /// A cable pulled at any moment: never a reading, never a trap.
    @Test func aMessageCutAnywhereIsNotJSON() throws {
        let whole = try Fixtures.bytes("payloads/good-metrics.json")
        for length in whole.indices {
            #expect(decode(Array(whole[..<length])).label == "not_json", "cut to \(length) bytes")
        }
        #expect(decode(whole).label == "good")
    }

    /// One decoder meets everything in turn, each time twice: nothing of one message may show in the next.
    @Test func oneDecoderForgetsTheMessageBefore() throws {
        var decoder = MessageDecoder(routes: RouteTable([.standard]))
        for file in try Fixtures.names(in: "payloads") {
            let payload = try Fixtures.bytes("payloads/\(file)")
            let fresh = decode(payload)
            #expect(decode(payload, topic: "sluice/generic/s-1", with: &decoder) == fresh, "\(file)")
            #expect(decode(payload, topic: "sluice/generic/s-1", with: &decoder) == fresh, "\(file), again")
        }
    }
}
