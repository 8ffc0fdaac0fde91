import Readings
import Testing
import TimeBase

/// What devices usually write is read by short ways of its own. The same said in a form that only the plain way reads must come
/// to the same, error for error.
@Suite struct ShortFormTests {
    /// `Z` may be read eight digits at a time, `+00:00` is not.
    @Test func momentsInUTC() {
        var dice = Dice(seed: 1)
        let fractions = ["", ".0", ".25", ".999", ".1234", ".123456", ".123456789", ".12345678901", ".123456789012"]
        for _ in 0..<20_000 {
            let date = "\(dice.digits(4))-\(dice.number(below: 14, width: 2))-\(dice.number(below: 33, width: 2))"
            let time = [25, 61, 61].map { dice.number(below: $0, width: 2) }.joined(separator: ":")
            var text = Array("\(dice.one(of: ["20", ""]))\(date)T\(time)\(dice.one(of: fractions))".utf8)
            if text.count > 22, text.starts(with: "20".utf8) { text.removeSubrange(2..<4) }
            if dice.number(below: 3) == 0 {
                text[dice.number(below: text.count)] = dice.one(of: Array("0359:-.TZ \u{7F}/;".utf8))
            }
            let (short, plain) = (text + Array("Z".utf8), text + Array("+00:00".utf8))
            let shown = String(decoding: short, as: UTF8.self)
            #expect(Timestamp.parse(short.span) == Timestamp.parse(plain.span), "\(shown)")
        }
    }

    @Test func momentsOfEveryDay() {
        for days in CivilDate(year: 1999, month: 12, day: 1)
            .daysSinceEpoch..<CivilDate(year: 2100, month: 2, day: 1)
            .daysSinceEpoch
        {
            let ms = Int64(days) * 86_400_000 + Int64(days % 86_400) * 1000 + Int64(days % 1000)
            #expect(Timestamp.parse(Timestamp.format(ms, milliseconds: true)) == ms)
        }
    }

    // MARK: - SenML

    /// CBOR in few bytes, CBOR in many, and JSON say the same.
    @Test func packs() throws {
        var dice = Dice(seed: 2)
        var outcomes: Set<[String]> = []
        let decoders = try [PayloadFormat.senMLCBOR, .senMLCBOR, .senML].map { format in
            Decoder(MessageDecoder(routes: RouteTable([try Self.packRoute(format)])))
        }
        for _ in 0..<4000 {
            let records = (0..<dice.number(below: 4)).map { _ in PackItem.record(&dice) }
            let payloads = [
                PackWriter.cbor(records, isLong: false), PackWriter.cbor(records, isLong: true),
                Array(PackItem.json(records).utf8),
            ]
            let lines = decoders.indices.map { decoders[$0].lines(payloads[$0], topic: "city/s-1") }
            #expect(lines[0] == lines[1], "\(PackItem.json(records))")
            #expect(lines[0] == lines[2], "\(PackItem.json(records))")
            outcomes.insert(lines[0].count == 1 ? lines[0] : ["\(lines[0].count) readings"])
        }
        // All of it has been met: readings, and most ways to go wrong.
        for outcome in ["2 readings", "wrong_type", "wrong_unit", "malformed", "missing_field", "bad_sensor_id"] {
            #expect(outcomes.contains([outcome]))
        }
    }

    static func packRoute(_ format: PayloadFormat) throws -> Route {
        var route = Route(name: "r", topic: try TopicPattern("city/+"), format: format, kind: .waterLeak)
        route.fields = [
            RouteField("b:flow", .noise), RouteField("flow", .flow, unit: .litrePerSecond),
            RouteField("water-pressure", .pressure, unit: .bar), RouteField("wet", .wetness, words: ["soaked": 1]),
            RouteField("any", .generic),
        ]
        return route
    }

    /// Base name and name together decide, wherever they part: the first field whose path they end with behind a mark.
    @Test func namesHoweverTheyAreParted() throws {
        let route = try Self.packRoute(.senML)
        var decoder = MessageDecoder(routes: RouteTable([route]))
        let names = [
            "a:flow", "a:inflow", "ab:flow", "b:flow", "a/b:flow", "cb:flow", "flow", ":flow", "a:water-pressure",
            "a:waterpressure", "water-pressure", "a--wet", "a:flow:wet", "é:flow", "a.water-pressure", "pressure",
        ]
        for name in names {
            let field = route.fields.first { field in
                let before = name.dropLast(field.path.count)
                return name.hasSuffix(field.path) && (before.isEmpty || ":/.-_".contains(before.last ?? "x"))
            }
            var sensor = name.dropLast(field?.path.count ?? 0)
            while let last = sensor.last, ":/.-_".contains(last) { sensor.removeLast() }
            let expected =
                field.map { sensor.isEmpty ? ["bad_sensor_id"] : ["\(sensor) \($0.quantity.name) 1 arrival"] }
                ?? ["missing_field"]
            for place in 0...name.count {
                let (base, rest) = (name.prefix(place), name.dropFirst(place))
                let payload = #"[{"bn":"\#(base)","n":"\#(rest)","v":1,"u":""}]"#
                let lines = decode(Array(payload.utf8), topic: "city/x", with: &decoder).lines
                // As the base unit of what has none: litres per second are converted.
                let read = lines.map { $0.replacing(" 3.6 ", with: " 1 ").replacing(" 10.197162 ", with: " 1 ") }
                #expect(read == expected, "\(payload)")
            }
        }
    }

    // MARK: - Sparkplug

    /// Numbers of Protobuf may be written in more bytes than they need, which only the plain way reads.
    @Test func metricsInMoreBytes() throws {
        typealias Metric = EdgeNodeMessages.Metric
        var dice = Dice(seed: 3)
        var short = try SparkplugTests.Host()
        var long = try SparkplugTests.Host()
        var good = 0
        let names = ["Flow/Rate", "Pressure", "Wet", "Level", "Battery", "Other"]
        for round in 0..<300 {
            let bytes = dice.one(of: [2, 3, 8, 9, 10])
            if round.isMultiple(of: 20) {
                let birth = EdgeNodeMessages.birth([], session: UInt64(round))
                _ = short.hear("NBIRTH/rtu-1", birth)
                _ = long.hear("NBIRTH/rtu-1", Self.lengthened(birth, to: bytes))
                let born = names.enumerated().map { index, name in
                    Metric(
                        name, .double(1),
                        alias: dice.one(of: [UInt64(index), UInt64(index) + 4093, UInt64.max - UInt64(index)]))
                }
                let deviceBirth = EdgeNodeMessages.payload(born, sequence: 1)
                let lines = short.hear("DBIRTH/rtu-1/pump", deviceBirth)
                #expect(long.hear("DBIRTH/rtu-1/pump", Self.lengthened(deviceBirth, to: bytes)) == lines)
            }
            let metrics = (0..<dice.number(below: 4)).map { _ in
                let isOdd = dice.number(below: 6) == 0
                return Metric(
                    dice.one(of: [nil] + names), isOdd ? Self.value(&dice) : .double(Double(dice.number(below: 100))),
                    alias: dice.one(of: [nil, 0, 1, 2, 3, 4, 4095, 4096, .max]),
                    atMs: isOdd ? dice.one(of: [nil, 0, .max]) : dice.one(of: [nil, 1_777_615_100_000]),
                    isHistorical: dice.number(below: 5) == 0, quality: dice.one(of: [nil, nil, 192, 500]),
                    statesDatatype: dice.number(below: 4) != 0)
            }
            let data = EdgeNodeMessages.payload(metrics, sequence: UInt64(round % 256))
            let lines = short.hear("DDATA/rtu-1/pump", data)
            #expect(long.hear("DDATA/rtu-1/pump", Self.lengthened(data, to: bytes)) == lines)
            if lines.first?.contains(" ") == true { good += 1 }
        }
        // Readings have been met, and refusals.
        #expect(good > 20 && good < 280, "\(good)")
    }

    private static func value(_ dice: inout Dice) -> EdgeNodeMessages.Value {
        switch dice.number(below: 9) {
        case 0: .int(UInt32(truncatingIfNeeded: dice.next()), datatype: UInt64(dice.number(below: 8) + 1))
        case 1: .long(dice.next(), datatype: dice.one(of: [4, 8, 13]))
        case 2: .float(Float(dice.number(below: 1000)) / 8)
        case 3, 4: .double(Double(dice.number(below: 1000)) / 8)
        case 5: .boolean(dice.number(below: 2) == 0)
        case 6: .text(dice.one(of: ["leak", "12.5", ""]))
        case 7: .null
        default: dice.one(of: [.table, .nothing])
        }
    }

    /// The same message with every tag, number and length written in at least so many bytes.
    private static func lengthened(_ message: [UInt8], to bytes: Int, depth: Int = 0) -> [UInt8] {
        var (rest, result) = (message[...], [UInt8]())
        func take() -> UInt64 {
            var (number, shift): (UInt64, UInt64) = (0, 0)
            while let byte = rest.popFirst() {
                number |= UInt64(byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 { break }
            }
            return number
        }
        func put(_ number: UInt64) {
            var (number, count) = (number, 1)
            while number >= 0x80 || count < bytes {
                result.append(UInt8(truncatingIfNeeded: number) | 0x80)
                (number, count) = (number >> 7, count + 1)
            }
            result.append(UInt8(number))
        }
        while !rest.isEmpty {
            let tag = take()
            put(tag)
            switch tag & 7 {
            case 0: put(take())
            case 2:
                let length = Int(take())
                let content = Array(rest.prefix(length))
                rest = rest.dropFirst(content.count)
                // Metrics, and a metric's properties, are messages themselves.
                let isMessage = (depth == 0 && tag >> 3 == 2) || (depth == 1 && tag >> 3 == 9)
                let written = isMessage ? lengthened(content, to: bytes, depth: depth + 1) : content
                put(UInt64(written.count))
                result += written
            default:
                result += rest.prefix(tag & 7 == 1 ? 8 : 4)
                rest = rest.dropFirst(tag & 7 == 1 ? 8 : 4)
            }
        }
        return result
    }
}

/// A decoder that an array can hold.
private final class Decoder {
    private var decoder: MessageDecoder

    init(_ decoder: consuming MessageDecoder) { self.decoder = decoder }

    func lines(_ payload: [UInt8], topic: String) -> [String] { decode(payload, topic: topic, with: &decoder).lines }
}
