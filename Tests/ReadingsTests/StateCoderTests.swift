import Readings
import Testing

/// What is written is read again; what was not written so is refused by name.
@Suite struct StateCoderTests {
    /// One of everything that can be coded.
    struct Everything: StateCodable, Equatable {
        var wide: Int64 = 0
        var small = 0
        var word: UInt64 = 0
        var narrow: Int32 = 0
        var byte: UInt8 = 0
        var huge: Int128 = 0
        var number = 0.0
        var four = SIMD4<Double>()
        var isSo = false
        var text = ""
        var quantity = Quantity.flow
        var maybe: Double?
        var maybeText: String?
        var times: [Int64] = [0, 0, 0]
        var numbers: [Double] = [0, 0]
        var floats: [SIMD4<Float>] = [SIMD4()]

        mutating func code(_ coder: inout StateCoder) {
            coder.code(&wide)
            coder.code(&small, in: -5...5)
            coder.code(&word)
            coder.code(&narrow)
            coder.code(&byte)
            coder.code(&huge)
            coder.code(&number)
            coder.code(&four)
            coder.code(&isSo)
            coder.code(&text)
            coder.code(&quantity)
            coder.code(&maybe)
            coder.code(&maybeText)
            coder.code(&times)
            coder.code(&numbers)
            coder.code(&floats)
        }
    }

    static func some(_ random: inout some RandomNumberGenerator) -> Everything {
        let ends: [Int64] = [.min, .max, 0, -1, 1, .min + 1, 127, 128, -64, -65]
        return Everything(
            wide: ends.randomElement(using: &random) ?? 0, small: Int.random(in: -5...5, using: &random),
            word: random.next(), narrow: [.min, .max, 0].randomElement(using: &random) ?? 0,
            byte: UInt8.random(in: 0...255, using: &random),
            huge: [Int128.min, .max, 0, -1, 1 << 70, -(1 << 70)].randomElement(using: &random) ?? 0,
            number: [-0.0, .infinity, .leastNonzeroMagnitude, 41.5].randomElement(using: &random) ?? 0,
            four: SIMD4(1, .pi, -2, 0), isSo: Bool.random(using: &random),
            text: ["", "é", "gw-1"].randomElement(using: &random) ?? "",
            quantity: Quantity.allCases.randomElement(using: &random) ?? .flow,
            maybe: Bool.random(using: &random) ? 1.5 : nil, maybeText: Bool.random(using: &random) ? "x" : nil,
            times: (0..<3).map { _ in ends.randomElement(using: &random) ?? 0 }, numbers: [1, .nan],
            floats: [SIMD4(1, 2, 3, 4)])
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let value = Self.some(&random)
            var (copy, writer) = (value, StateCoder())
            copy.code(&writer)
            var (found, reader) = (Everything(), StateCoder(reading: writer.bytes))
            found.code(&reader)
            try reader.finish()
            var again = StateCoder()
            found.code(&again)
            #expect(again.bytes == writer.bytes)
            #expect(found.wide == value.wide && found.huge == value.huge && found.times == value.times)
            #expect(found.number.bitPattern == value.number.bitPattern && found.text == value.text)
        }
    }

    @Test func neverIsOneByte() {
        var (never, writer) = (Int64.min, StateCoder())
        writer.code(&never)
        #expect(writer.bytes == [0])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var read: @Sendable (inout StateCoder) -> Void
        var code: StateError.Code
    }

    @Test(arguments: [
        Case(
            testDescription: "no bytes", bytes: [],
            read: {
                var x = 0; $0.code(&x)
            }, code: .truncated),
        Case(
            testDescription: "half a number", bytes: [0x80],
            read: {
                var x = 0; $0.code(&x)
            }, code: .truncated),
        Case(
            testDescription: "half a fraction", bytes: [1, 2, 3],
            read: {
                var x = 0.0; $0.code(&x)
            }, code: .truncated),
        Case(
            testDescription: "a number without end", bytes: Array(repeating: 0xFF, count: 20),
            read: {
                var x = 0; $0.code(&x)
            }, code: .badValue),
        Case(
            testDescription: "out of range", bytes: [99],
            read: {
                var x = 0; $0.code(&x, in: 0...3)
            }, code: .badValue),
        Case(
            testDescription: "neither yes nor no", bytes: [2],
            read: {
                var x = false; $0.code(&x)
            }, code: .badValue),
        Case(
            testDescription: "too large for a byte", bytes: [0xFF, 0x7F],
            read: {
                var x = UInt8(0); $0.code(&x)
            }, code: .badValue),
        Case(
            testDescription: "no such quantity", bytes: [0xC9, 1],
            read: {
                var x = Quantity.flow; $0.code(&x)
            }, code: .badValue),
        Case(
            testDescription: "a text longer than everything",
            bytes: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 65],
            read: {
                var x = ""; $0.code(&x)
            }, code: .truncated),
        Case(
            testDescription: "no UTF-8", bytes: [1, 0xC3],
            read: {
                var x = ""; $0.code(&x)
            }, code: .badValue),
        Case(
            testDescription: "another length", bytes: [2, 1, 1],
            read: {
                var x: [Int64] = [0, 0, 0]; $0.code(&x)
            },
            code: .otherLength),
        Case(
            testDescription: "a list longer than everything", bytes: [0xFF, 0xFF, 0xFF, 0x7F, 0],
            read: { _ = $0.codeCount(0) }, code: .truncated),
        Case(
            testDescription: "more than is read", bytes: [1, 1],
            read: {
                var x = 0; $0.code(&x)
            }, code: .leftOver),
        Case(
            testDescription: "a part that ends too late", bytes: [9, 0, 0, 0, 1], read: { $0.block { _ in } },
            code: .truncated),
    ])
    func isRefusedByName(_ c: Case) {
        var reader = StateCoder(reading: c.bytes)
        c.read(&reader)
        do {
            try reader.finish()
            Issue.record("nothing was wrong")
        } catch {
            #expect(error.code == c.code)
        }
    }

    @Test func aPartThatIsWrongIsPassedOver() throws {
        var (number, after, writer) = (7, 41, StateCoder())
        writer.block { $0.code(&number) }
        writer.code(&after)
        var (found, reader) = (0, StateCoder(reading: writer.bytes))
        let problem = reader.block { $0.code(&number, in: 0...1) }
        reader.code(&found)
        try reader.finish()
        #expect(problem?.code == .badValue)
        #expect(found == 41)
    }

    @Test func everyBitIsUnderTheChecksum() throws {
        var writer = StateCoder()
        for number in 0..<100 {
            var number = number * number
            writer.code(&number)
        }
        let sealed = writer.sealed()
        _ = try StateCoder(unsealing: sealed)
        for bit in 0..<(sealed.count * 8) {
            var wrong = sealed
            wrong[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: StateError(.damaged, field: "a slice")) { try StateCoder(unsealing: wrong) }
        }
        for length in 0..<sealed.count {
            #expect(throws: StateError.self) { try StateCoder(unsealing: Array(sealed[..<length])) }
        }
    }
}
