/// What a SenML pack has said so far, and its latest record (RFC 8428 §4).
struct SenMLPack {
    /// The labels of a record, as CBOR numbers them (RFC 8428 §6).
    enum Label: Int64 {
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
    }

    /// The label of this name. Nearly all that devices write are one letter.
    static func label(_ name: borrowing Span<UInt8>) -> Label? {
        guard name.count == 1 else { return labels.value(of: name) }
        switch name[0] {
        case UInt8(ascii: "n"): return .name
        case UInt8(ascii: "u"): return .unit
        case UInt8(ascii: "v"): return .value
        case UInt8(ascii: "t"): return .time
        case UInt8(ascii: "s"): return .sum
        default: return nil
        }
    }

    private static let labels: ShortNames<Label> = {
        var names = ShortNames<Label>()
        for (name, label): (String, Label) in [
            ("bver", .baseVersion), ("bn", .baseName), ("bt", .baseTime), ("bu", .baseUnit), ("bv", .baseValue),
            ("bs", .baseSum), ("vs", .text), ("vb", .truth), ("ut", .updateTime), ("vd", .data),
        ] {
            names.add(name, label)
        }
        return names
    }()

    /// The version of RFC 8428.
    static let newestVersion = 10.0
    /// Times below this are seconds before or after now (RFC 8428 §4.5.3).
    static let leastAbsoluteTime = 268_435_456.0

    var baseName: [UInt8] = []
    var baseUnit: [UInt8] = []
    var baseTime = 0.0
    var baseValue = 0.0

    var name: [UInt8] = []
    var unit: [UInt8] = []
    var text: [UInt8] = []
    var time = 0.0
    var value: Double?
    var truth: Bool?
    var hasText = false
    var hasUnit = false
    /// Where the last measurement belonged: mostly the next one's sensor is the same.
    var last: Moment?

    mutating func begin() {
        (baseTime, baseValue, last) = (0, 0, nil)
        baseName.removeAll(keepingCapacity: true)
        baseUnit.removeAll(keepingCapacity: true)
        beginRecord()
    }

    mutating func beginRecord() {
        name.removeAll(keepingCapacity: true)
        unit.removeAll(keepingCapacity: true)
        (time, value, truth, hasText, hasUnit) = (0, nil, nil, false, false)
    }

    /// Base name and name together, into `bytes`.
    func resolvedName(into bytes: inout [UInt8]) {
        bytes.assign(baseName.span)
        bytes.append(name.span)
    }
}
