import Forwarding
import Open311
import Testing

/// A report that another Sluice forwards is known by what that says twice; nobody else's words pass for it.
@Suite struct ReferenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var description: String
        var key: String?
        var admitted: String
    }

    @Test(arguments: [
        Case(testDescription: "no reference", description: "A hole.", admitted: "A hole."),
        Case(
            testDescription: "from another Sluice", description: "A hole.\nReference: sluice-ab12-7",
            key: "sluice-ab12-7-1", admitted: "A hole.\nReference: sluice-ab12-7"),
        Case(
            testDescription: "made up by a resident", description: "A hole.\nReference: sluice-fake",
            admitted: "A hole.\n> Reference: sluice-fake"),
        Case(
            testDescription: "copied, under another name", description: "A hole.\nReference: sluice-ab12-7",
            key: "sluice-ab12-70-1", admitted: "A hole.\n> Reference: sluice-ab12-7"),
        Case(
            testDescription: "nothing but it", description: "Reference: sluice-ab12-7\n", key: "7f3a",
            admitted: "> Reference: sluice-ab12-7\n"),
        Case(
            testDescription: "in the middle of a text", description: "Reference: sluice-ab12-7\nis what I was told.",
            admitted: "Reference: sluice-ab12-7\nis what I was told."),
    ])
    func onlyASluiceSpeaksForASluice(_ c: Case) {
        #expect(Reference.admitted(c.description, named: c.key) == c.admitted)
        // Said again, it is the same.
        #expect(Reference.admitted(c.admitted, named: c.key) == c.admitted)
    }

    /// A store that was restored gives a number again that other cities know already.
    @Test func anotherIncidentWithTheSameNumberHasAnotherMark() {
        let reference = Reference(identity: "ab12")
        let mark = { (key: String, atMs: Int64) in
            reference.mark(of: ServiceRequest(id: 7, service: .waterLeak, incidentKey: key, requestedAtMs: atMs))
        }
        #expect(mark("bin-fire/y2/1", 1000) != mark("bin-fire/y3/1", 1000))
        // Met again, the same incident is the same, whenever it is raised.
        #expect(mark("bin-fire/y2/1", 1000) == mark("bin-fire/y2/1", 2000))
        // People's tickets are given again too.
        #expect(mark("person/9", 1000) != mark("person/9", 2000))
        // Nor does a mark say of whom what is kept back comes: then there is no key.
        #expect(mark("", 1000) != mark("", 2000))
        #expect(mark("person/9", 1000).hasPrefix("sluice-ab12-7-"))
    }

    @Test func aQuotedReferenceStaysWithinTheLongestDescription() {
        let line = "\nReference: sluice-fake"
        let long = String(repeating: "é", count: 4000 - line.unicodeScalars.count) + line
        let admitted = Reference.admitted(long, named: nil)
        #expect(admitted.unicodeScalars.count == 4000)
        #expect(!admitted.hasSuffix(line))
    }
}
