/// One made-up request that means no good, and how it must be answered.
struct HostileRequest: CustomStringConvertible {
    var bytes: [UInt8]
    /// Statuses that are right.
    var allowed: Set<Int>
    /// What the path's ending asks for; nil: none.
    var format: String?

    var description: String { String(decoding: bytes.prefix(600), as: UTF8.self) }

    init(_ random: inout Dice) {
        let format = random.pick(["json", "xml"])
        self.format = format
        switch random.below(13) {
        case 0, 1:
            let (path, parameters) = random.pick(Self.readable)
            let (name, values) = random.pick(parameters)
            let query = Self.noise(&random) + ["\(name)=\(Self.coded(random.pick(values)))"] + Self.noise(&random)
            (bytes, allowed) = (Self.get("\(path).\(format)?\(query.joined(separator: "&"))"), [400])
        case 2:
            let query = (Self.noise(&random) + Self.noise(&random)).joined(separator: "&")
            (bytes, allowed) = (Self.get("\(random.pick(Self.readable).path).\(format)?\(query)"), [200])
        case 3:
            (bytes, allowed) = (Self.get(random.pick(Self.paths)), [400, 404])
            self.format = nil
        case 4, 5:
            var fields = Self.goodReport
            let (name, values, status) = random.pick(Self.wrongFields)
            fields.removeAll { $0.name == name }
            fields.append((name, random.pick(values)))
            fields.append((random.text(8), random.text(40)))
            let body = fields.map { "\(Self.coded($0.0))=\(Self.coded($0.1))" }.joined(separator: "&")
            (bytes, allowed) = (
                Self.post("requests.\(format)", "application/x-www-form-urlencoded", Array(body.utf8)), [status]
            )
        case 6:
            // Anything at all, called a form. It holds no key.
            let body = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            (bytes, allowed) = (
                Self.post("requests.\(format)", "application/x-www-form-urlencoded", body), [400, 403, 413]
            )
        case 7:
            var body = Self.goodMultipart
            for _ in 0...random.below(6) { random.damage(&body) }
            (bytes, allowed) = (
                Self.post("requests.\(format)", "multipart/form-data; boundary=XyZ", body), [200, 400, 403, 404, 413]
            )
        case 8:
            (bytes, allowed) = (
                Self.post("requests.\(format)", random.pick(Self.types), Self.goodMultipart), [400]
            )
        case 9:
            // Bytes that no text is made of: half a surrogate pair, overlong, beyond Unicode, cut short.
            let field = random.pick(["description", "email", "address_string", "attribute[x]", "api_key"])
            let body = "service_code=water-leak&lat=1&long=1&\(field)=a\(random.pick(Self.brokenUTF8))b"
            (bytes, allowed) = (
                Self.post("requests.\(format)", "application/x-www-form-urlencoded", Array(body.utf8)), [400]
            )
        case 10:
            let (head, statuses) = random.pick(Self.lies)
            bytes = Array(
                ("POST /open311/v2/requests.\(format) HTTP/1.1\r\nHost: t\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n\(head)").utf8)
            allowed = statuses
        case 11:
            // What is no HTTP, behind a line that names a path.
            let line = "GET /open311/v2/requests.\(format)"
            let (rest, statuses) = random.pick(Self.unparsable)
            (bytes, allowed) = (Array(line.utf8) + rest + Array("\r\n\r\n".utf8), statuses)
        default:
            let method = random.pick(["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
            bytes = Array("\(method) /open311/v2/requests.\(format) HTTP/1.1\r\nHost: t\r\n\r\n".utf8)
            allowed = [405]
        }
    }

    // MARK: What it is made of

    private static let numbers = [
        "nan", "inf", "-inf", "0x10", "1e3", "+1", "-1", "0", "1.0", "٣", "１", "99999999999999999999",
        "9223372036854775808",
        "1_000", "1,2", "NaN", "null", "true", "[]", "{}", "1;DROP TABLE request", "' OR 1=1--", "\u{0}", "%",
        "\u{202E}1",
    ]
    private static let times = [
        "now", "yesterday", "2026-11-21", "2026-11-21T00:00:00", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T00:60:00Z", "nan", "0",
        "2026-11-21T00:00:00+99:00", "1795293245", "-0001-01-01T00:00:00Z", "2026-11-21T00:00:00ZZ", "\u{0}", "';--",
    ]
    private static let degrees = [
        "nan", "inf", "0x10", "1e1", "+1", "181", "-181", "999999999999999999999999999", "52,5", ".", "-", "5.", "٣",
        "\u{0}",
        "1 OR 1=1",
    ]
    private static let words = ["fixed", "OPEN", "null", "open;closed", "open\u{0}", "*", "' OR '1'='1", "<script>"]

    private static let readable: [(path: String, parameters: [(String, [String])])] = [
        (
            "/open311/v2/requests",
            [
                ("page", numbers), ("page_size", numbers + ["1001"]),
                ("service_request_id", numbers.filter { $0 != "1,2" }),
                ("start_date", times), ("end_date", times), ("updated_after", times), ("updated_before", times),
                ("status", words), ("service_code", words), ("extensions", words + ["1", "TRUE"]), ("lat", degrees),
                ("long", degrees), ("radius", degrees),
                ("bbox", degrees + ["1,2,3", "1,2,3,4,5", "0,1,0,0", "181,0,0,0"]),
            ]
        ),
        (
            "/open311/v2/servicerequestupdates",
            [
                ("page", numbers), ("page_size", numbers), ("start_date", times), ("end_date", times),
                ("service_request_id", numbers.filter { $0 != "1,2" }),
            ]
        ),
    ]

    private static let paths = [
        "/open311/v2/requests/../../../etc/passwd", "/open311/v2/requests/%2e%2e/%2e%2e.json", "//", "/./", "/%00",
        "/open311/v2/requests/1.json/", "/open311/v2/requests/1%2ejson", "/open311/v2/requests/0x1.json",
        "/open311/v2/requests/1'.json", "/open311/v2/requests/-1.xml", "/open311/v2/requests/9999999999999999999.xml",
        "/open311/v2/requests/%F0%9F%92%A9.json", "/open311/v2/services/../services.json",
        "/open311/v2/services/%3Cscript%3E.xml", "/open311/v2/tokens/' OR 1=1.json", "/open311/v2/tokens/%00.json",
        "/media/photos/../../etc/passwd", "/media/photos/%2e%2e%2f.jpg", "/media/photos/00000000000000000.exe",
        "/assets/../page.js", "/assets/%70age.js", "/health/", "/metrics/..", "/OPEN311/v2/requests.json",
        "/open311/v2/requests.json;jsessionid=1", "/open311/v2/requests.jsonx", "/open311/v2/requests.json.xml",
        "http://evil.example/open311/v2/x.json", "*", "/\\..\\..\\windows",
    ]

    private static let goodReport: [(name: String, value: String)] = [
        ("api_key", "reporter"), ("service_code", "water-leak"), ("lat", "52.5"), ("long", "-1.9"),
        ("description", "Water"),
    ]

    private static let wrongFields: [(name: String, values: [String], status: Int)] = [
        ("api_key", ["", "x", "reporter\u{0}", "' OR 1=1--", "Reporter", "updater"], 403),
        ("service_code", ["pot-hole", "WATER-LEAK", "../x", "' OR 1=1--", "🚰"], 404),
        ("service_code", ["", " ", "\t\r\n", "water-leak\u{0}x"], 400),
        ("lat", degrees, 400), ("long", degrees, 400), ("lat", [""], 400),
        (
            "description",
            [
                "\u{0}", "a\u{1}b", "\u{1B}[2J", "\u{FFFE}", "\u{FFFF}", "\u{85}", String(repeating: "é", count: 4001),
                String(repeating: "🚰", count: 4001),
            ], 400
        ),
        ("email", ["a\u{0}", "a\u{B}b", String(repeating: "x", count: 256)], 400),
        (
            "media_url",
            ["javascript:alert(1)", "file:///etc/passwd", "https://x/\"><script>", "http://", "x", "http://a b"], 400
        ),
        ("attribute[" + String(repeating: "x", count: 250), ["1"], 413),
    ]

    private static let brokenUTF8 = [
        "%ED%A0%80", "%ED%BF%BF", "%ED%A0%BD%ED%B2%A9", "%C0%80", "%E0%80%AF", "%F4%90%80%80", "%F8%88%80%80%80", "%FF",
        "%E2%82", "%80",
    ]

    /// What is said of a body's length, and isn't so.
    private static let lies: [(String, Set<Int>)] = [
        ("Content-Length: 99999999999\r\n\r\n", [413]), ("Content-Length: 1048577\r\n\r\n", [413]),
        ("Content-Length: -1\r\n\r\n", [400]), ("Content-Length: 0x10\r\n\r\n", [400]),
        ("Content-Length: 1e3\r\n\r\n", [400]), ("Content-Length: 99999999999999999999999\r\n\r\n", [400]),
        ("Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", [400]),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
        ("Transfer-Encoding: chunked\r\n\r\nZZZ\r\n", [400]),
        ("Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", [400]),
        ("Transfer-Encoding: sideways\r\n\r\n", [400, 501]), ("X: \u{0}\r\n\r\n", [400]),
        ("X\u{20}: 1\r\n\r\n", [400]), (": 1\r\n\r\n", [400]),
    ]

    private static let unparsable: [([UInt8], Set<Int>)] = [
        (Array("?x=".utf8) + [UInt8](repeating: 0x61, count: 100_000) + Array(" HTTP/1.1".utf8), [414]),
        (Array("?service_request_id=\((1...9000).map(String.init).joined(separator: ","))".utf8), [414]),
        (Array(" HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: 0x62, count: 70_000), [431]),
        (Array(" HTTP/1.1\r\nX: a".utf8) + [0x05], [400]), (Array(" HTTP/1.1\r\nX".utf8) + [0xE9, 0x3A], [400]),
        (Array("?x=".utf8) + [0x01] + Array(" HTTP/1.1".utf8), [400]), (Array(" HTTP/3.7".utf8), [400]),
        (Array(" HTTP/1.1\r\n(X): 1".utf8), [400]), (Array("?x=a b HTTP/1.1".utf8), [400]),
    ]

    private static let types = [
        "", "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
        "application/xml",
        "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
        "multipart/form-data; boundary=\"\u{1}\"", "multipart/mixed; boundary=XyZ",
        "multipart/form-data; boundary=other",
        "multipart/form-data; boundary=XyZ\\", "multipart/form-data; charset=\"utf-8",
        "application/x-www-form-urlencodedx",
        "multipart/form-data; boundary=XyZ--", "multipart/form-data; boundary=éé", "\u{7F}", ";;;===",
    ].filter { !$0.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } }

    private static let goodMultipart: [UInt8] = {
        var body: [UInt8] = []
        for (name, value) in goodReport {
            body += Array("--XyZ\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        body += Array("--XyZ\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.gif\"\r\n\r\nGIF89a".utf8)
        return body + [0, 1, 2, 0xFF, 0x0D, 0x0A, 0x2D] + Array("\r\n--XyZ--\r\n".utf8)
    }()

    /// Parameters that nobody knows, with anything in them.
    private static func noise(_ random: inout Dice) -> [String] {
        (0..<random.below(4)).map { _ in
            "x\(random.below(1000))=" + (0..<random.below(20)).map { _ in "%\(random.hex())\(random.hex())" }.joined()
        }
    }

    private static func coded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func get(_ target: String) -> [UInt8] { Array("GET \(target) HTTP/1.1\r\nHost: t\r\n\r\n".utf8) }

    private static func post(_ path: String, _ type: String, _ body: [UInt8]) -> [UInt8] {
        let head =
            "POST /open311/v2/\(path) HTTP/1.1\r\nHost: t\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n"
        return Array(head.utf8) + body
    }
}

extension Dice {
    fileprivate mutating func hex() -> String { String(below(16), radix: 16) }

    fileprivate mutating func text(_ longest: Int) -> String {
        var text = "q"
        for _ in 0..<below(longest) { text.unicodeScalars.append(UnicodeScalar(UInt8(0x20 + below(0x5F)))) }
        return text
    }

    /// Changes, drops, doubles or cuts a stretch.
    fileprivate mutating func damage(_ body: inout [UInt8]) {
        guard body.count > 2 else { return }
        let start = below(body.count)
        let end = min(body.count, start + 1 + below(12))
        switch below(4) {
        case 0: for place in start..<end { body[place] = UInt8(truncatingIfNeeded: next()) }
        case 1: body.removeSubrange(start..<end)
        case 2: body.insert(contentsOf: body[start..<end], at: start)
        default: body.removeLast(body.count - start)
        }
    }
}
