import Open311
import Testing

@Suite struct SubmittedFormTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var type: String?
        var body: String
        /// `name=value`, and `name:bytes` for files.
        var expected: [String]

        init(_ testDescription: String, _ type: String?, _ body: String, _ expected: [String]) {
            (self.testDescription, self.type, self.body, self.expected) = (testDescription, type, body, expected)
        }
    }

    private static let urlEncoded = "application/x-www-form-urlencoded"

    @Test(arguments: [
        Case("nothing", nil, "", []),
        Case("nothing, but a form", urlEncoded, "", []),
        Case("fields in order, names repeated", urlEncoded, "a=1&b=2&a=3", ["a=1", "b=2", "a=3"]),
        Case(
            "coded", urlEncoded, "attribute%5Bx%5D%5B%5D=a+b%2Bc%26&%C3%A9=%F0%9F%9A%B0",
            ["attribute[x][]=a b+c&", "é=🚰"]),
        Case("no value, no name, nothing at all", urlEncoded, "a&=b&&c=", ["a=", "=b", "c="]),
        Case("a per cent sign that codes nothing", urlEncoded, "a=100%&b=%zz&c=%4", ["a=100%", "b=%zz", "c=%4"]),
        Case("a second equals sign belongs to the value", urlEncoded, "a=b=c", ["a=b=c"]),
        Case("a type with its charset", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8", "a=1", ["a=1"]),
        Case(
            "parts", "multipart/form-data; boundary=XX",
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX\r\n"
                + "content-type: text/plain\r\ncontent-disposition:form-data;name=b\r\n\r\n2\r\n3\r\n--XX--\r\n",
            ["a=1", "b=2\r\n3"]),
        Case(
            "files, and one that was not chosen", "multipart/form-data; boundary=\"a b'c\"",
            "preamble\r\n--a b'c\r\nContent-Disposition: form-data; name=\"media\"; filename=\"\\\"x\\\".jpg\"\r\n"
                + "Content-Type: image/jpeg\r\n\r\n\u{1}\r\n--a b\r\n--a b'c  \r\n"
                + "Content-Disposition: form-data; name=\"photo%22s\"; filename=\"\"\r\n\r\n\r\n--a b'c--epilogue",
            ["media:\u{1}\r\n--a b"]),
        Case(
            "no parts at all", "multipart/form-data; boundary=x", "--x--", []),
        Case(
            "an empty field", "multipart/form-data; boundary=x; charset=utf-8",
            "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--x--", ["a="]),
    ])
    func reads(_ c: Case) throws {
        let form = try SubmittedForm(body: Array(c.body.utf8), contentType: c.type)
        let found =
            form.texts.map { "\($0.name)=\($0.value)" }
            + form.files.map { "\($0.name):\(String(decoding: $0.bytes, as: UTF8.self))" }
        #expect(found == c.expected)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var type: String?
        var body: [UInt8]
        var code: Int

        init(_ testDescription: String, _ type: String?, _ body: String, _ code: Int = 400) {
            (self.testDescription, self.type, self.body, self.code) = (testDescription, type, Array(body.utf8), code)
        }

        init(_ testDescription: String, _ type: String?, _ body: [UInt8], _ code: Int = 400) {
            (self.testDescription, self.type, self.body, self.code) = (testDescription, type, body, code)
        }
    }

    private static let multipart = "multipart/form-data; boundary=x"
    private static func part(_ header: String, _ content: String = "1") -> String {
        "--x\r\n\(header)\r\n\r\n\(content)\r\n--x--"
    }

    @Test(arguments: [
        Refused("a body of no type", nil, "a=1"),
        Refused("JSON", "application/json", "{}"),
        Refused("text that is not UTF-8", urlEncoded, "a=%ff"),
        Refused("half a surrogate pair", urlEncoded, "a=%ED%A0%80"),
        Refused("a name that is not UTF-8", urlEncoded, "%fe=1"),
        Refused("raw bytes that are not UTF-8", urlEncoded, [0x61, 0x3D, 0xC3]),
        Refused("more fields than any form has", urlEncoded, String(repeating: "a=1&", count: 201), 413),
        Refused("a field that is too long", urlEncoded, "a=" + String(repeating: "x", count: 65_537), 413),
        Refused("a name that is too long", urlEncoded, String(repeating: "x", count: 257) + "=1", 413),
        Refused("no boundary", "multipart/form-data", part("Content-Disposition: form-data; name=a")),
        Refused("an empty boundary", "multipart/form-data; boundary=\"\"", "--\r\n"),
        Refused(
            "a boundary of 71 characters", "multipart/form-data; boundary=" + String(repeating: "b", count: 71), ""),
        Refused("a boundary of control characters", "multipart/form-data; boundary=\"\u{1}\"", "--\u{1}--"),
        Refused(
            "a boundary that isn't there", "multipart/form-data; boundary=y",
            part("Content-Disposition: form-data; name=a")),
        Refused("an empty body", multipart, ""),
        Refused("a body cut short", multipart, "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1"),
        Refused("a header cut short", multipart, "--x\r\nContent-Disposition: form-data; name=a"),
        Refused("a header without end", multipart, part("X: " + String(repeating: "a", count: 5000))),
        Refused("a part without a name", multipart, part("Content-Type: text/plain")),
        Refused("a part with an empty name", multipart, part("Content-Disposition: form-data; name=\"\"")),
        Refused("an attachment", multipart, part("Content-Disposition: attachment; name=a")),
        Refused(
            "base64", multipart, part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64")),
        Refused("a line without a colon", multipart, part("Content-Disposition form-data")),
        Refused("line feeds alone", multipart, "--x\nContent-Disposition: form-data; name=a\n\n1\n--x--"),
        Refused(
            "rubbish behind a delimiter", multipart, "--xy\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--"),
        Refused(
            "a field that is not UTF-8", multipart,
            Array("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n".utf8) + [0xFF] + Array("\r\n--x--".utf8)),
        Refused(
            "more files than a report has", multipart,
            String(repeating: "--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n1\r\n", count: 6)
                + "--x--", 413),
    ])
    func refuses(_ c: Refused) {
        let error = #expect(throws: GeoReportError.self) {
            try SubmittedForm(body: c.body, contentType: c.type)
        }
        #expect(error?.code == c.code)
        #expect((error?.description.utf8.count ?? 0) < 300)
    }
}
