import Readings
import Testing

@Suite struct NameTableTests {
    private func index(_ name: String, in table: NameTable) -> UInt32? {
        let bytes = Array(name.utf8)
        return table.index(of: bytes.span)?.rawValue
    }

    private func insert(_ name: String, _ index: UInt32, into table: inout NameTable) {
        let bytes = Array(name.utf8)
        table.insert(bytes.span, SensorIndex(rawValue: index))
    }

    @Test func findsWhatWasInsertedAndNothingElse() {
        var table = NameTable(seed: (1, 2), capacity: 1)
        for number in 0..<20_000 { insert("sensor-\(number)", UInt32(number), into: &table) }
        #expect(table.count == 20_000)
        for number in 0..<20_000 {
            guard index("sensor-\(number)", in: table) == UInt32(number) else {
                Issue.record("lost sensor-\(number)")
                return
            }
        }
        for stranger in ["", "sensor-20000", "sensor-", "sensor-1\0", "ensor-1"] {
            #expect(index(stranger, in: table) == nil)
        }
    }

    @Test func aSecondInsertReplacesTheIndex() {
        var table = NameTable(seed: (1, 2))
        insert("a", 1, into: &table)
        insert("a", 7, into: &table)
        #expect(table.count == 1)
        #expect(index("a", in: table) == 7)
    }

    @Test func trailingZerosTellNamesApart() {
        var table = NameTable(seed: (3, 4))
        for length in 1...40 { insert(String(repeating: "\0", count: length), UInt32(length), into: &table) }
        for length in 1...40 { #expect(index(String(repeating: "\0", count: length), in: table) == UInt32(length)) }
    }

    /// SipHash-1-3 of 00 01 02 … under the key 00 01 … 0f, as Rust's standard library tests it.
    @Test func hashesAsSipHash13() {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)
        #expect(NameTable.hash([], key: key) == 0xABAC_0158_050F_C4DC)
        #expect(NameTable.hash([0], key: key) == 0xC9F4_9BF3_7D57_CA93)
        #expect(NameTable.hash(Array(0..<8), key: key) != NameTable.hash(Array(0..<8), key: (0, 0)))
    }
}
