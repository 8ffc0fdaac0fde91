/// A value of a SenML record: sound, or of another type than its label's.
enum PackItem {
    case number(Double)
    case text(String)
    case truth(Bool)
    case null
    case list

    typealias Record = [(label: Int, item: PackItem)]

    /// By CBOR's labels; 90 and 91 are nobody's.
    static let names = [
        -6: "bs", -5: "bv", -4: "bu", -3: "bt", -2: "bn", -1: "bver", 0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s",
        6: "t", 7: "ut", 8: "vd", 90: "x", 91: "must_",
    ]

    static func record(_ dice: inout Dice) -> Record {
        // Sound items more often than others, so that whole packs are read, too.
        var labels = [0, 2]
        for label in [-2, -2, 1, 1, 6, -3, -4, -5, 4, 3, 5, 90, -1, -6, 7, 8, 0, 2] where dice.number(below: 5) == 0 {
            labels.append(label)
        }
        if dice.number(below: 60) == 0 { labels.append(91) }
        return labels.shuffled(using: &dice).map { ($0, item(of: $0, &dice)) }
    }

    private static func item(of label: Int, _ dice: inout Dice) -> PackItem {
        if dice.number(below: 80) == 0 { return dice.one(of: [.number(1), .text("a"), .truth(true), .null, .list]) }
        switch label {
        case -2: return .text(dice.one(of: ["urn:dev:mac:0024befffe804ff1:", "b:", "a.b-", "s", "a:b:"]))
        case 0: return .text(dice.one(of: ["flow", "water-pressure", "wet", "any", "b:flow", "c:flow", "inflow"]))
        case 1, -4: return .text(dice.one(of: ["L/s", "L/s", "m3/h", "", "bar", "Pa", "no such unit at all"]))
        case 2: return .number(dice.one(of: [0, 1, -3, 23, 24, -24, -25, 255, 256, 65_536, 2.5, 0.0021, 1e13]))
        case -5: return .number(dice.one(of: [0, 10, -0.5]))
        case 6: return .number(dice.one(of: [0, -60, -60.5, 5, 1_777_600_000]))
        case -3: return .number(dice.one(of: [0, 1_777_600_000, 1_777_600_000.25]))
        case 3: return .text(dice.one(of: ["soaked", "dry"]))
        case 4: return .truth(dice.number(below: 2) == 0)
        case -1: return .number(dice.one(of: [5, 10, 10, 10, 10, 11]))
        default: return .number(1)
        }
    }

    static func json(_ records: [Record]) -> String {
        let texts = records.map { record in
            let members = record.map { "\"\(names[$0.label] ?? "")\":\($0.item.json)" }
            return "{\(members.joined(separator: ","))}"
        }
        return "[\(texts.joined(separator: ","))]"
    }

    private var json: String {
        switch self {
        case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .text(let text): "\"\(text)\""
        case .truth(let truth): "\(truth)"
        case .null: "null"
        case .list: "[1,[2]]"
        }
    }
}

/// Writes packs as CBOR: in as few bytes as can be, or with lengths and numbers of eight bytes, texts in pieces and tags.
struct PackWriter {
    private let isLong: Bool
    private var bytes: [UInt8] = []

    private init(isLong: Bool) { self.isLong = isLong }

    static func cbor(_ records: [PackItem.Record], isLong: Bool) -> [UInt8] {
        var writer = PackWriter(isLong: isLong)
        writer.head(4, UInt64(records.count))
        for record in records {
            writer.head(5, UInt64(record.count))
            for (label, item) in record {
                label < 90 ? writer.integer(label) : writer.text(PackItem.names[label] ?? "")
                writer.item(item)
            }
        }
        return writer.bytes
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        let width =
            isLong ? 8 : argument < 24 ? 0 : argument < 256 ? 1 : argument < 65_536 ? 2 : argument >> 32 == 0 ? 4 : 8
        let info: [Int: UInt8] = [0: UInt8(truncatingIfNeeded: argument), 1: 24, 2: 25, 4: 26, 8: 27]
        bytes.append(major << 5 | (info[width] ?? 0))
        for index in (0..<width).reversed() { bytes.append(UInt8(truncatingIfNeeded: argument >> UInt64(index * 8))) }
    }

    private mutating func integer(_ number: Int) {
        number < 0 ? head(1, UInt64(-1 - number)) : head(0, UInt64(number))
    }

    private mutating func text(_ text: String) {
        if !isLong {
            head(3, UInt64(text.utf8.count))
            return bytes += text.utf8
        }
        bytes.append(0x7F)
        for byte in text.utf8 {
            head(3, 1)
            bytes.append(byte)
        }
        bytes.append(0xFF)
    }

    private mutating func item(_ item: PackItem) {
        switch item {
        case .number(let number):
            if isLong { head(6, 1) }
            if let whole = Int(exactly: number) { return integer(whole) }
            bytes.append(0xFB)
            for index in (0..<8).reversed() {
                bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> UInt64(index * 8)))
            }
        case .text(let text): self.text(text)
        case .truth(let truth): bytes.append(truth ? 0xF5 : 0xF4)
        case .null: bytes.append(0xF6)
        case .list:
            head(4, 2)
            integer(1)
            head(4, 1)
            integer(2)
        }
    }
}

/// Random numbers on a seed (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func number(below end: Int) -> Int { Int.random(in: 0..<end, using: &self) }

    mutating func number(below end: Int, width: Int) -> String {
        let digits = "\(number(below: end))"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    mutating func digits(_ count: Int) -> String { (0..<count).map { _ in "\(number(below: 10))" }.joined() }

    mutating func one<Element>(of choices: [Element]) -> Element { choices[number(below: choices.count)] }
}
