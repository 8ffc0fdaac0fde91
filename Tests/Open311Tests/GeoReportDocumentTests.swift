import Open311
import Testing

@Suite struct GeoReportDocumentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var document: GeoReportDocument
        var json: String
        /// Without the declaration.
        var xml: String
    }

    @Test(arguments: [
        Case(
            testDescription: "a request with nothing but the necessary has nulls, and all 17 fields",
            document: .requests([.bare]),
            json: #"[{"service_request_id":"7","status":"open","status_notes":null,"#
                + #""service_name":"Bin needs attention","service_code":"bin-full","description":null,"#
                + #""agency_responsible":"Waste and Recycling","service_notice":null,"#
                + #""requested_datetime":"2026-11-21T20:34:05Z","updated_datetime":"2026-11-21T20:34:05Z","#
                + #""expected_datetime":null,"address":null,"address_id":null,"zipcode":null,"lat":null,"#
                + #""long":null,"media_url":null}]"#,
            xml: "<service_requests><request><service_request_id>7</service_request_id><status>open</status>"
                + "<status_notes/><service_name>Bin needs attention</service_name>"
                + "<service_code>bin-full</service_code><description/>"
                + "<agency_responsible>Waste and Recycling</agency_responsible><service_notice/>"
                + "<requested_datetime>2026-11-21T20:34:05Z</requested_datetime>"
                + "<updated_datetime>2026-11-21T20:34:05Z</updated_datetime><expected_datetime/><address/>"
                + "<address_id/><zipcode/><lat/><long/><media_url/></request></service_requests>"),
        Case(
            testDescription: "a request with everything; extensions stay out unless asked for",
            document: .requests([.full]),
            json: "[{\(Self.fullJSON)}]",
            xml: "<service_requests><request>\(Self.fullXML)</request></service_requests>"),
        Case(
            testDescription: "extensions add title, extended_attributes and notes",
            document: .requests(
                [.full],
                updates: [
                    12: [RequestUpdate(requestID: 12, number: 1, atMs: sampleMs, status: .open, text: "Opened")],
                    13: [RequestUpdate(requestID: 13, number: 1, atMs: sampleMs, status: .open, text: "Another's")],
                ]),
            json: "[{\(Self.fullJSON),"
                + #""title":"Likely leak","extended_attributes":{"channel":"sensor","severity":3,"#
                + #""first_seen":"2026-11-21T20:33:05Z","last_seen":"2026-11-21T20:34:05Z","#
                + #""cleared_at":"2026-11-21T20:34:35Z","sensor_id":"urn:dev:1","ward":"Ladywood","#
                + #""evidence":{"unit":"L/min","observed":42.0,"baseline":4.5,"score":7.25,"threshold":9.0},"#
                + #""detector":{"name":"night_flow","version":2},"forecast":{"at":"2026-11-21T22:34:05Z"},"#
                + #""related":"5","sources":{"sensors":3}},"notes":[{"datetime":"2026-11-21T20:34:05Z","#
                + #""type":"open","description":"Opened"}]}]"#,
            xml: "<service_requests><request>\(Self.fullXML)"
                + "<title>Likely leak</title><extended_attributes><channel>sensor</channel><severity>3</severity>"
                + "<first_seen>2026-11-21T20:33:05Z</first_seen><last_seen>2026-11-21T20:34:05Z</last_seen>"
                + "<cleared_at>2026-11-21T20:34:35Z</cleared_at><sensor_id>urn:dev:1</sensor_id>"
                + "<ward>Ladywood</ward><evidence><unit>L/min</unit><observed>42.0</observed>"
                + "<baseline>4.5</baseline><score>7.25</score><threshold>9.0</threshold></evidence>"
                + "<detector><name>night_flow</name><version>2</version></detector>"
                + "<forecast><at>2026-11-21T22:34:05Z</at></forecast><related>5</related>"
                + "<sources><sensors>3</sensors></sources></extended_attributes><notes><note>"
                + "<datetime>2026-11-21T20:34:05Z</datetime><type>open</type><description>Opened</description>"
                + "</note></notes></request></service_requests>"),
        Case(
            testDescription: "no requests", document: .requests([]), json: "[]", xml: "<service_requests/>"),
        Case(
            testDescription: "services",
            document: .services([ServiceCatalog.standard.named(.sensorFault)]),
            json: #"[{"service_code":"sensor-fault","service_name":"Sensor fault","#
                + #""description":"A street sensor or its gateway is silent, stuck or implausible.","#
                + #""metadata":false,"type":"realtime","keywords":"sensor,automatic,fault","group":"operations"}]"#,
            xml: "<services><service><service_code>sensor-fault</service_code>"
                + "<service_name>Sensor fault</service_name>"
                + "<description>A street sensor or its gateway is silent, stuck or implausible.</description>"
                + "<metadata>false</metadata><type>realtime</type><keywords>sensor,automatic,fault</keywords>"
                + "<group>operations</group></service></services>"),
        Case(
            testDescription: "a service definition is a bare object",
            document: .definition(of: ServiceCatalog.standard.named(.waterLeak)),
            json: #"{"service_code":"water-leak","attributes":[]}"#,
            xml: "<service_definition><service_code>water-leak</service_code><attributes/></service_definition>"),
        Case(
            testDescription: "discovery names both formats",
            document: .discovery(
                Discovery(
                    changesetMs: sampleMs, contact: "ops@example.org", keyService: "None needed",
                    url: "https://example.org/open311/v2", isProduction: false)),
            json: #"{"changeset":"2026-11-21T20:34:05Z","contact":"ops@example.org","#
                + #""key_service":"None needed","endpoints":[{"#
                + #""specification":"http://wiki.open311.org/GeoReport_v2","url":"https://example.org/open311/v2","#
                + #""changeset":"2026-11-21T20:34:05Z","type":"test","formats":["text/xml","application/json"]}]}"#,
            xml: "<discovery><changeset>2026-11-21T20:34:05Z</changeset><contact>ops@example.org</contact>"
                + "<key_service>None needed</key_service><endpoints><endpoint>"
                + "<specification>http://wiki.open311.org/GeoReport_v2</specification>"
                + "<url>https://example.org/open311/v2</url><changeset>2026-11-21T20:34:05Z</changeset>"
                + "<type>test</type><formats><format>text/xml</format><format>application/json</format></formats>"
                + "</endpoint></endpoints></discovery>"),
        Case(
            testDescription: "errors",
            document: .errors([GeoReportError(code: 404, "Not here")]),
            json: #"[{"code":404,"description":"Not here"}]"#,
            xml: "<errors><error><code>404</code><description>Not here</description></error></errors>"),
    ])
    func isExactlyThis(_ c: Case) throws {
        #expect(text(c.document, .json) == c.json)
        #expect(text(c.document, .xml) == xmlDeclaration + c.xml + "\n")
        try expectWellFormed(c.document)
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        /// As it stands between the quotes.
        var json: String
        /// As it stands between the tags.
        var xml: String
    }

    @Test(arguments: [
        Hostile(
            testDescription: "markup", text: #"<b a="x">&amp;]]>'"#, json: #"<b a=\"x\">&amp;]]>'"#,
            xml: #"&lt;b a="x"&gt;&amp;amp;]]&gt;'"#),
        Hostile(
            testDescription: "control characters", text: "a\u{0}b\u{1}c\u{1F}d\u{7F}e",
            json: "a\\u0000b\\u0001c\\u001fd\u{7F}e", xml: "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{7F}e"),
        Hostile(
            testDescription: "white space survives", text: "a\tb\nc\rd\r\ne", json: #"a\u0009b\nc\u000dd\u000d\ne"#,
            xml: "a\tb\nc&#13;d&#13;\ne"),
        Hostile(
            testDescription: "noncharacters", text: "a\u{FFFE}b\u{FFFF}c\u{FFFD}d\u{E000}",
            json: "a\u{FFFE}b\u{FFFF}c\u{FFFD}d\u{E000}", xml: "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{E000}"),
        Hostile(
            testDescription: "other planes", text: "🚰 \u{10FFFF}\u{1FFFE}", json: "🚰 \u{10FFFF}\u{1FFFE}",
            xml: "🚰 \u{10FFFF}\u{1FFFE}"),
        Hostile(testDescription: "backslashes", text: #"C:\new\"#, json: #"C:\\new\\"#, xml: #"C:\new\"#),
        Hostile(
            testDescription: "4,000 characters", text: String(repeating: "é<", count: 2000),
            json: String(repeating: "é<", count: 2000), xml: String(repeating: "é&lt;", count: 2000)),
    ])
    func carriesAnyText(_ c: Hostile) throws {
        let document = GeoReportDocument(root: "r", content: .fields([.init("t", .text(c.text))]))
        #expect(text(document, .json) == #"{"t":"\#(c.json)"}"#)
        #expect(text(document, .xml) == xmlDeclaration + "<r><t>\(c.xml)</t></r>\n")
        try expectWellFormed(document)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func writesWhatIsNoNumberAsAbsent(_ number: Double) {
        let document = GeoReportDocument(root: "r", content: .fields([.init("n", .number(number))]))
        #expect(text(document, .json) == #"{"n":null}"#)
        #expect(text(document, .xml) == xmlDeclaration + "<r><n/></r>\n")
    }

    @Test(arguments: [
        (0.1, "0.1"), (-0.0, "-0.0"), (1e-7, "1e-07"), (123_456_789.125, "123456789.125"), (1e300, "1e+300"),
    ])
    func writesNumbersThatReadBackTheSame(_ number: Double, _ expected: String) {
        #expect(text(GeoReportDocument(root: "r", content: .number(number)), .json) == expected)
    }

    private static let fullJSON =
        #""service_request_id":"12","status":"closed","status_notes":"Cleared: under 4 L/min for 30 min","#
        + #""service_name":"Water leak","service_code":"water-leak","description":"Night flow","#
        + #""agency_responsible":"Water","service_notice":"A crew looks at it","#
        + #""requested_datetime":"2026-11-21T20:34:05Z","updated_datetime":"2026-11-21T20:35:05Z","#
        + #""expected_datetime":"2026-11-21T21:34:05Z","address":"10 Broad Street","address_id":null,"#
        + #""zipcode":null,"lat":52.5,"long":-1.75,"media_url":null"#

    private static let fullXML =
        "<service_request_id>12</service_request_id><status>closed</status>"
        + "<status_notes>Cleared: under 4 L/min for 30 min</status_notes><service_name>Water leak</service_name>"
        + "<service_code>water-leak</service_code><description>Night flow</description>"
        + "<agency_responsible>Water</agency_responsible><service_notice>A crew looks at it</service_notice>"
        + "<requested_datetime>2026-11-21T20:34:05Z</requested_datetime>"
        + "<updated_datetime>2026-11-21T20:35:05Z</updated_datetime>"
        + "<expected_datetime>2026-11-21T21:34:05Z</expected_datetime><address>10 Broad Street</address>"
        + "<address_id/><zipcode/><lat>52.5</lat><long>-1.75</long><media_url/>"
}
