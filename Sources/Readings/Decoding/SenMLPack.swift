/// What a SenML pack has said so far (RFC 8428 §4). Its texts stay where they are.
struct SenMLPack: Sendable {
    /// The labels of a record, as CBOR numbers them (RFC 8428 §6).
    enum Label: Int64, CaseIterable, Sendable {
        case baseVersion = -1
        case baseName = -2
        case baseTime = -3
        case baseUnit = -4
        case baseValue = -5
        case baseSum = -6
        case name = 0
        case unit = 1
        case value = 2
        case text = 3
        case truth = 4
        case sum = 5
        case time = 6
        case updateTime = 7
        case data = 8

        /// As JSON writes it.
        var name: String {
            switch self {
            case .baseVersion: "bver"
            case .baseName: "bn"
            case .baseTime: "bt"
            case .baseUnit: "bu"
            case .baseValue: "bv"
            case .baseSum: "bs"
            case .name: "n"
            case .unit: "u"
            case .value: "v"
            case .text: "vs"
            case .truth: "vb"
            case .sum: "s"
            case .time: "t"
            case .updateTime: "ut"
            case .data: "vd"
            }
        }

        /// The label at this place of all.
        init?(place: Int) {
            if place < 0 { return nil }
            self.init(rawValue: Int64(place < 6 ? -1 - place : place - 6))
        }

        /// The label of this name.
        init?(_ name: borrowing Span<UInt8>) {
            guard let label = Self.names.value(of: name) else { return nil }
            self = label
        }

        private static let names: ShortNames<Label> = {
            var names = ShortNames<Label>()
            for label in allCases { names.add(label.name, label) }
            return names
        }()
    }

    /// The version of RFC 8428.
    static let newestVersion = 10.0
    /// Times below this are seconds before or after now (RFC 8428 §4.5.3).
    static let leastAbsoluteTime = 268_435_456.0

    /// Where a text of the pack stands: which of JSON's members it is, or which bytes of the payload.
    struct Text: Sendable, Equatable, BitwiseCopyable {
        var start: Int
        var end: Int
    }

    var baseName, baseUnit: Text?
    var baseTime = 0.0
    var baseValue = 0.0
    var baseSum = 0.0
    /// Where the last measurement belonged whose field took the whole of its record's name, and the base name that then
    /// named its sensor: mostly the next one's is the same.
    var last: (base: Text?, moment: Moment)?

    /// One record: what it says beside the base. A label that comes twice counts as it comes last.
    struct Record: Sendable, BitwiseCopyable {
        var name, unit, text: Text?
        var time = 0.0
        var value: Double?
        /// The value, summed up over time: in its unit times seconds.
        var sum: Double?
        var truth: Bool?
    }
}
