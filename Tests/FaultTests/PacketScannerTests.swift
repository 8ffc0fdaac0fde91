import FaultSupport
import Testing

@Suite struct PacketScannerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        /// Kinds of packets, each with the number of bytes after which it was complete.
        var found: [Found]
    }
    struct Found: Sendable, Equatable {
        var kind: PacketScanner.Kind
        var after: Int
    }

    @Test(arguments: [
        Case(testDescription: "a PUBACK", bytes: [0x40, 2, 0, 7], found: [.init(kind: .puback, after: 4)]),
        Case(
            testDescription: "a PUBACK with a reason and properties", bytes: [0x40, 4, 0, 7, 0, 0],
            found: [.init(kind: .puback, after: 6)]),
        Case(
            testDescription: "two in one piece", bytes: [0x40, 2, 0, 7, 0xC0, 0],
            found: [.init(kind: .puback, after: 4), .init(kind: .pingreq, after: 6)]),
        Case(
            testDescription: "a length of two bytes", bytes: [0x32, 0x80, 0x01] + [UInt8](repeating: 0x40, count: 128),
            found: [.init(kind: .publish, after: 131)]),
        Case(testDescription: "the beginning of one", bytes: [0x40, 2, 0], found: []),
    ])
    func packetsEndWhereTheirLengthSays(_ c: Case) {
        var scanner = PacketScanner()
        var found: [Found] = []
        for (index, byte) in c.bytes.enumerated() {
            if let kind = scanner.take(byte) { found.append(Found(kind: kind, after: index + 1)) }
        }
        #expect(found == c.found)
    }
}
