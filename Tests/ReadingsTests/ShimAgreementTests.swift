import CSIMDJSON
import Testing

/// The shim's walk takes exactly what simdjson's own DOM parser takes.
@Suite struct ShimAgreementTests {
    /// Every fixture, and every fixture with one byte replaced, removed or doubled.
    @Test(arguments: try Fixtures.names(in: "payloads"))
    func agreesWithTheDOM(_ file: String) throws {
        let payload = try Fixtures.bytes("payloads/\(file)")
        guard payload.count < 300 else { return }
        let parser = unsafe csj_parser_create(1024, nil, 0)
        defer { unsafe csj_parser_destroy(parser) }
        func check(_ bytes: [UInt8]) {
            let dom = unsafe bytes.withUnsafeBufferPointer { unsafe csj_dom_accepts($0.baseAddress, $0.count) }
            if dom < 0 { return }
            let status = unsafe bytes.withUnsafeBufferPointer {
                unsafe csj_parse_events(parser, $0.baseAddress, $0.count)
            }
            #expect((status == CSJ_OK) == (dom == 1), "\(String(decoding: bytes, as: UTF8.self)): \(status)")
        }
        check(payload)
        for index in payload.indices {
            var changed = payload
            changed.remove(at: index)
            check(changed)
            changed.insert(payload[index], at: index)
            changed.insert(payload[index], at: index)
            check(changed)
            changed.remove(at: index)
            for byte in [
                0x00, 0x01, 0x22, 0x5C, 0x2C, 0x3A, 0x7B, 0x7D, 0x5B, 0x5D, 0x20, 0x2D, 0x30, 0x65, 0x78, 0x80, 0xC3,
                0xFF,
            ]
                as [UInt8]
            {
                changed[index] = byte
                check(changed)
            }
        }
    }

    @Test func pathsAreChecked() {
        func isTaken(_ paths: [StaticString]) -> Bool {
            var starts = unsafe paths.map { path in
                unsafe UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer<CChar>?
            }
            let parser = unsafe csj_parser_create(64, &starts, starts.count)
            defer { unsafe csj_parser_destroy(parser) }
            return unsafe parser != nil
        }
        #expect(isTaken(["a", "a\u{1F}b", "a\u{1F}c\u{1F}*", "a\u{1F}[3]", "a.b"]))
        #expect(!isTaken([""]))
        #expect(isTaken(["*"]))
        #expect(!isTaken(["a\u{1F}"]))
        #expect(!isTaken(["\u{1F}a"]))
        #expect(!isTaken(["a\u{1F}*\u{1F}b"]))
        #expect(!isTaken(["a", "a"]))
    }

    @Test func nestedPathsAreFilled() {
        let payload = Array(
            #"{"x":{"device":{"id":"leak-07"},"b":1},"up":{"n":412,"decoded":{"t":12.5,"s":"leak"}}}"#.utf8)
        let paths: [StaticString] = ["up\u{1F}n", "x\u{1F}device\u{1F}id", "up\u{1F}decoded\u{1F}*", "up\u{1F}missing"]
        var starts = unsafe paths.map { path in
            unsafe UnsafeRawPointer(path.utf8Start).assumingMemoryBound(to: CChar.self) as UnsafePointer<CChar>?
        }
        let parser = unsafe csj_parser_create(1024, &starts, starts.count)
        defer { unsafe csj_parser_destroy(parser) }
        let status = unsafe payload.withUnsafeBufferPointer { unsafe csj_parse(parser, $0.baseAddress, $0.count) }
        #expect(status == CSJ_OK)
        let values = unsafe csj_parser_values(parser)
        #expect(unsafe values?[0].integer == 412)
        #expect(unsafe values?[1].length == 7)
        #expect(unsafe values?[2].kind == CSJ_OBJECT)
        #expect(unsafe values?[3].kind == CSJ_MISSING)
        #expect(unsafe csj_parser_member_count(parser) == 2)
    }
}
