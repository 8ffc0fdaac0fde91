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
                [.extended],
                updates: [
                    12: [
                        RequestUpdate(
                            requestID: 12, number: 1, atMs: sampleMs, status: .open, text: "A crew looks",
                            word: .investigating, author: .staff)
                    ],
                    13: [RequestUpdate(requestID: 13, number: 1, atMs: sampleMs, status: .open, text: "Another's")],
                ], for: .sample),
            json: "[{\(Self.fullJSON),"
                + #""title":"Likely leak","extended_attributes":{"channel":"sensor","kind":"night_flow","#
                + #""status_word":"fixed","severity":3,"confidence":0.875,"first_seen":"2026-11-21T20:33:05Z","#
                + #""last_seen":"2026-11-21T20:34:05Z","cleared_at":"2026-11-21T20:34:35Z","#
                + #""acknowledged_at":"2026-11-21T20:34:15Z","first_reported_at":"2026-11-21T20:34:25Z","#
                + #""sensor_id":"urn:dev:1","service_object_id":"main-7","service_object_type":"urn:main","#
                + #""ward":"Ladywood","location":{"method":"segment","radius_m":250.0},"#
                + #""evidence":{"window_start":"2026-11-21T20:24:05Z","window_end":"2026-11-21T20:34:05Z","#
                + #""samples":40,"unit":"L/min","observed":42.0,"baseline":4.5,"score":7.25,"threshold":9.0,"#
                + #""url":"https://example.org/api/requests/12/evidence"},"#
                + #""detector":{"name":"night_flow","version":2},"#
                + #""estimate":{"name":"litres_per_hour","value":2250.0,"low":1800.0,"high":2700.0},"#
                + #""forecast":{"event":"threshold","at":"2026-11-21T22:34:05Z","low":"2026-11-21T21:34:05Z","#
                + #""high":"2026-11-21T23:34:05Z"},"duplicate":true,"parent_service_request_id":"4","#
                + #""related":"5","sources":{"sensors":3,"people":2},"verdict":"confirmed"},"#
                + #""attributes":[{"code":"flow","name":"How much?","values":["much","more"]}],"#
                + #""notes":[{"datetime":"2026-11-21T20:34:05Z","type":"investigating","description":"A crew looks","#
                + #""author":"staff"}]}]"#,
            xml: "<service_requests><request>\(Self.fullXML)"
                + "<title>Likely leak</title><extended_attributes><channel>sensor</channel><kind>night_flow</kind>"
                + "<status_word>fixed</status_word><severity>3</severity><confidence>0.875</confidence>"
                + "<first_seen>2026-11-21T20:33:05Z</first_seen><last_seen>2026-11-21T20:34:05Z</last_seen>"
                + "<cleared_at>2026-11-21T20:34:35Z</cleared_at>"
                + "<acknowledged_at>2026-11-21T20:34:15Z</acknowledged_at>"
                + "<first_reported_at>2026-11-21T20:34:25Z</first_reported_at><sensor_id>urn:dev:1</sensor_id>"
                + "<service_object_id>main-7</service_object_id><service_object_type>urn:main</service_object_type>"
                + "<ward>Ladywood</ward><location><method>segment</method><radius_m>250.0</radius_m></location>"
                + "<evidence><window_start>2026-11-21T20:24:05Z</window_start>"
                + "<window_end>2026-11-21T20:34:05Z</window_end><samples>40</samples>"
                + "<unit>L/min</unit><observed>42.0</observed>"
                + "<baseline>4.5</baseline><score>7.25</score><threshold>9.0</threshold>"
                + "<url>https://example.org/api/requests/12/evidence</url></evidence>"
                + "<detector><name>night_flow</name><version>2</version></detector>"
                + "<estimate><name>litres_per_hour</name><value>2250.0</value><low>1800.0</low>"
                + "<high>2700.0</high></estimate>"
                + "<forecast><event>threshold</event><at>2026-11-21T22:34:05Z</at>"
                + "<low>2026-11-21T21:34:05Z</low><high>2026-11-21T23:34:05Z</high></forecast>"
                + "<duplicate>true</duplicate><parent_service_request_id>4</parent_service_request_id>"
                + "<related>5</related><sources><sensors>3</sensors><people>2</people></sources>"
                + "<verdict>confirmed</verdict></extended_attributes>"
                + "<attributes><attribute><code>flow</code><name>How much?</name><values><value>much</value>"
                + "<value>more</value></values></attribute></attributes><notes><note>"
                + "<datetime>2026-11-21T20:34:05Z</datetime><type>investigating</type>"
                + "<description>A crew looks</description><author>staff</author>"
                + "</note></notes></request></service_requests>"),
        Case(
            testDescription: "updates say the status word, and whole addresses of media",
            document: .updates([.sample], for: .sample),
            json: #"[{"update_id":"12-3","service_request_id":"12","status":"in_progress","#
                + #""updated_datetime":"2026-11-21T20:34:05Z","description":"A crew digs","#
                + #""media_url":"https://example.org/media/photos/a.jpg"}]"#,
            xml: "<service_request_updates><request_update><update_id>12-3</update_id>"
                + "<service_request_id>12</service_request_id><status>in_progress</status>"
                + "<updated_datetime>2026-11-21T20:34:05Z</updated_datetime><description>A crew digs</description>"
                + "<media_url>https://example.org/media/photos/a.jpg</media_url></request_update>"
                + "</service_request_updates>"),
        Case(
            testDescription: "an update's receipt is its id", document: .receipt(.sample),
            json: #"[{"update_id":"12-3"}]"#,
            xml: "<service_request_updates><request_update><update_id>12-3</update_id></request_update>"
                + "</service_request_updates>"),
        Case(
            testDescription: "a report's receipt is an id …",
            document: .receipt(.request(12), agency: "Water"),
            json: #"[{"service_request_id":"12","service_notice":"Water has your report.","account_id":null}]"#,
            xml: "<service_requests><request><service_request_id>12</service_request_id>"
                + "<service_notice>Water has your report.</service_notice><account_id/></request>"
                + "</service_requests>"),
        Case(
            testDescription: "… or a token, and then no element that could be taken for an id",
            document: .receipt(.token("t1"), agency: "Water"),
            json: #"[{"token":"t1","service_notice":"Water has your report.","account_id":null}]"#,
            xml: "<service_requests><request><token>t1</token>"
                + "<service_notice>Water has your report.</service_notice><account_id/></request>"
                + "</service_requests>"),
        Case(
            testDescription: "a token that has its request", document: .token("t1", requestID: 12),
            json: #"[{"service_request_id":"12","token":"t1"}]"#,
            xml: "<service_requests><request><service_request_id>12</service_request_id><token>t1</token>"
                + "</request></service_requests>"),
        Case(
            testDescription: "a token that has none yet", document: .token("t1", requestID: nil),
            json: #"[{"token":"t1"}]"#,
            xml: "<service_requests><request><token>t1</token></request></service_requests>"),
        Case(
            testDescription: "a definition with its questions",
            document: .definition(of: .questions),
            json: #"{"service_code":"pot-hole","attributes":[{"variable":true,"code":"size","#
                + #""datatype":"singlevaluelist","required":true,"datatype_description":null,"order":1,"#
                + #""description":"How large?","values":[{"key":"s","name":"Small"},{"key":"l","name":"Large"}]}]}"#,
            xml: "<service_definition><service_code>pot-hole</service_code><attributes><attribute>"
                + "<variable>true</variable><code>size</code><datatype>singlevaluelist</datatype>"
                + "<required>true</required><datatype_description/><order>1</order>"
                + "<description>How large?</description><values><value><key>s</key><name>Small</name></value>"
                + "<value><key>l</key><name>Large</name></value></values></attribute></attributes>"
                + "</service_definition>"),
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
