import CSIMDJSON
import Testing

/// A document of a layout or a shape that the parser remembers reads as it would without that memory: the fast paths' plain twin.
@Suite struct KnownShapeTests {
    private static let paths: [StaticString] = [
        "sensor_id", "ts", "value", "metric", "unit", "seq", "metrics\u{1F}*", "a\u{1F}b", "a", "d\u{1F}[1]\u{1F}v",
    ]

    /// One that remembers layouts and shapes, one that remembers shapes, and one that remembers nothing, side by side. `@safe` holds
    /// because the handles are its own from first to last.
    @safe private final class Triplets {
        private let byLayout: OpaquePointer?
        private let byShape: OpaquePointer?
        private let plain: OpaquePointer?
        private let listsAll: Bool

        init(listsAll: Bool) {
            self.listsAll = listsAll
            var starts = unsafe KnownShapeTests.paths.map { path in
                unsafe UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer<CChar>?
            }
            unsafe byLayout = csj_parser_create(4096, &starts, starts.count)
            unsafe byShape = csj_parser_create(4096, &starts, starts.count)
            unsafe plain = csj_parser_create(4096, &starts, starts.count)
            unsafe csj_parser_remember(byShape, CSJ_SHAPES)
            unsafe csj_parser_remember(plain, CSJ_NO_MEMORY)
        }

        deinit {
            unsafe csj_parser_destroy(byLayout)
            unsafe csj_parser_destroy(byShape)
            unsafe csj_parser_destroy(plain)
        }

        func check(_ document: [UInt8]) {
            let expected = unsafe outcome(document, plain)
            #expect(
                unsafe outcome(document, byLayout) == expected, "layout: \(String(decoding: document, as: UTF8.self))")
            #expect(
                unsafe outcome(document, byShape) == expected, "shape: \(String(decoding: document, as: UTF8.self))")
        }

        func forget() {
            unsafe csj_parser_remember(byLayout, CSJ_LAYOUTS_AND_SHAPES)
            unsafe csj_parser_remember(byShape, CSJ_SHAPES)
        }

        private func outcome(_ document: [UInt8], _ parser: OpaquePointer?) -> [String] {
            // Sound: the document outlives all that points into it.
            unsafe document.withUnsafeBufferPointer { bytes in
                let status =
                    unsafe listsAll
                    ? csj_parse_events(parser, bytes.baseAddress, bytes.count)
                    : csj_parse(parser, bytes.baseAddress, bytes.count)
                guard status == CSJ_OK else { return ["\(status) at \(unsafe csj_parser_error_offset(parser))"] }
                var lines: [String] = []
                let values = unsafe csj_parser_values(parser)
                for index in KnownShapeTests.paths.indices where !listsAll {
                    if let value = unsafe values?[index] { unsafe lines.append(text(value)) }
                }
                let members = unsafe csj_parser_members(parser)
                for index in 0..<(unsafe csj_parser_member_count(parser)) {
                    guard let member = unsafe members?[index] else { continue }
                    let name = unsafe UnsafeBufferPointer(start: member.name, count: Int(member.name_length))
                    unsafe lines.append(
                        "\(String(decoding: name, as: UTF8.self)) @\(member.slot) = \(text(member.value))")
                }
                return lines
            }
        }

        private func text(_ value: csj_value) -> String {
            switch unsafe value.kind {
            case CSJ_MISSING, CSJ_END: return unsafe "\(value.kind)"
            case CSJ_OBJECT, CSJ_ARRAY:
                return unsafe listsAll ? "\(value.kind)" : "\(value.kind) \(value.integer) \(value.length)"
            default:
                let bytes = unsafe UnsafeBufferPointer(start: value.text, count: value.length)
                let isNumber = unsafe value.kind == CSJ_INTEGER || value.kind == CSJ_DOUBLE
                let number = unsafe isNumber ? value.number : 0
                return unsafe "\(value.kind) \(number) \(String(decoding: bytes, as: UTF8.self))"
            }
        }
    }

    /// Every fixture, and every fixture with one byte replaced, removed or doubled, behind the fixture itself.
    @Test(arguments: try Fixtures.names(in: "payloads"), [false, true])
    func readsOneChangedByteAlike(_ file: String, listsAll: Bool) throws {
        let payload = try Fixtures.bytes("payloads/\(file)")
        guard payload.count < 300 else { return }
        let parsers = Triplets(listsAll: listsAll)
        parsers.check(payload)
        for index in payload.indices {
            var changed = payload
            changed.remove(at: index)
            parsers.check(changed)
            changed.insert(payload[index], at: index)
            changed.insert(payload[index], at: index)
            parsers.check(changed)
            changed.remove(at: index)
            for byte in [0x00, 0x22, 0x5C, 0x2C, 0x7B, 0x7D, 0x5B, 0x20, 0x2D, 0x30, 0x65, 0x80, 0xC3] as [UInt8] {
                changed[index] = byte
                parsers.check(changed)
            }
            parsers.check(payload)
        }
    }

    /// Members that come and go, arrays of another length, literals that begin alike: every pair, and back again.
    @Test(arguments: [false, true])
    func readsNeighbouringShapesAlike(listsAll: Bool) {
        let documents = [
            #"{"a":1}"#, #"{"a":1,"seq":7}"#, #"{"a":1,"seq":7,"value":2.5}"#, #"{"a":{"b":1}}"#, #"{"a":{"b":[1,2]}}"#,
            #"{"a":{"b":{}}}"#, #"{"a":{}}"#, #"{"a":[]}"#, #"{"a":"x"}"#, #"{"a":null}"#, #"{"a":true}"#,
            #"{"a":truf}"#, #"{"a":-}"#, #"{"a":01}"#, #"{"a":1.}"#, #"{"a":1e5}"#, #"{"a":1e999}"#, #"{"a":"°C"}"#,
            "{\"a\":\"\u{7F}\"}", #"{"a":"\u00b0"}"#, #"{"a":"}"#, #"{"a":1"#, #"{"a":1}}"#, #"{"a":1} "#,
            " {\"a\":1}\n",
            #"{"a" : 1}"#, #"{"d":[1,{"v":3}]}"#, #"{"d":[{"v":1},{"v":3}]}"#, #"{"d":[{"v":1},{"v":3},[],{}]}"#,
            #"{"d":[1,{"v":3,"v":4}]}"#, #"{"metrics":{"wet":true,"x":"y"}}"#, #"{"metrics":{"wet":{"z":1}}}"#,
            #"{"metrics":{}}"#, #"{"metrics":[1]}"#, #"{"value":1,"value":2}"#, "5", #""a""#, "[1,2]", "[1,[2]]", "[]",
        ].map { Array($0.utf8) }
        let parsers = Triplets(listsAll: listsAll)
        for first in documents {
            for second in documents {
                parsers.forget()
                for document in [first, second, first] { parsers.check(document) }
            }
        }
    }

    /// Numbers of few digits are read eight at a time, close to the document's end and far from it.
    @Test(arguments: [false, true])
    func readsNumbersOfEveryLengthAlike(listsAll: Bool) {
        let parsers = Triplets(listsAll: listsAll)
        let digits = "1234567890123456789012"
        for sign in ["", "-"] {
            for whole in 0...22 {
                for fraction in 0...22 {
                    for rest in ["", "e", "e-3", "E5", ".", "0"] {
                        let point = fraction == 0 ? "" : ".\(digits.suffix(fraction))"
                        let number = "\(sign)\(whole == 0 ? "0" : String(digits.prefix(whole)))\(point)\(rest)"
                        parsers.check(Array(#"{"a":\#(number)}"#.utf8))
                        parsers.check(Array(#"{"value":\#(number),"skipped":\#(number),"unit":"m3/h"}"#.utf8))
                    }
                }
            }
        }
    }

    /// A long document, one byte of which is another each time.
    @Test(arguments: [false, true])
    func readsLongDocumentsAlike(listsAll: Bool) {
        let parsers = Triplets(listsAll: listsAll)
        let members = (0..<12).map {
            #""name\#($0)":{"long name of a member":"text of some length \#($0)","n":-\#($0).5}"#
        }
        let document = Array(
            #"{"a":{"b":1},\#(members.joined(separator: ",")),"d":[1,{"v":2}],"value":2.5,"unit":"m3/h"}"#.utf8)
        for index in document.indices {
            parsers.check(document)
            for byte in [0x00, 0x22, 0x5C, 0x2C, 0x7D, 0x30, 0xC3, document[index] ^ 1] as [UInt8] {
                var changed = document
                changed[index] = byte
                parsers.check(changed)
            }
        }
    }

    /// More shapes than there is room for, among them one that keeps coming.
    @Test(arguments: [false, true])
    func forgetsWithoutErring(listsAll: Bool) {
        let parsers = Triplets(listsAll: listsAll)
        let usual = Array(#"{"sensor_id":"s-1","value":1.5,"unit":"m3/h","metrics":{"wet":1}}"#.utf8)
        for number in 0..<2000 {
            parsers.check(Array(#"{"name\#(number)":[\#(number),{"x\#(number % 7)":"y"}],"value":\#(number)}"#.utf8))
            parsers.check(usual)
        }
        let long = String(repeating: #"{"v":1},"#, count: 400)
        for _ in 0..<3 { parsers.check(Array(#"{"d":[\#(long)0],"value":2}"#.utf8)) }
        parsers.check(usual)
    }
}
