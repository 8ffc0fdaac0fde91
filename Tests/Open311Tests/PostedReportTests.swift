import Open311
import Testing

/// What a report must say, and what becomes of it.
@Suite struct PostedReportTests {
    private static let catalog: ServiceCatalog = {
        var bin = ServiceCatalog.standard.named(.binFull)
        bin.attributes = [
            ServiceAttribute(code: "what", datatype: .string, order: 3),
            ServiceAttribute(
                code: "smell", datatype: .singleValueList, isRequired: true, order: 1,
                values: [.init(key: "yes", name: "Yes"), .init(key: "no", name: "No")]),
            ServiceAttribute(
                code: "sides", datatype: .multiValueList, order: 2,
                values: [.init(key: "l", name: "Left"), .init(key: "r", name: "Right")]),
            ServiceAttribute(code: "percent", datatype: .number, order: 4),
            ServiceAttribute(code: "since", datatype: .datetime, order: 5),
            ServiceAttribute(code: "hint", datatype: .text, isRequired: true, isVariable: false, order: 6),
        ]
        return ServiceCatalog([ServiceCatalog.standard.named(.waterLeak), bin])
    }()

    private static func form(_ fields: KeyValuePairs<String, String>) -> SubmittedForm {
        var form = SubmittedForm()
        form.append(fields.map { ($0.key, $0.value) })
        return form
    }

    private static func read(_ fields: KeyValuePairs<String, String>) throws -> PostedReport {
        try PostedReport(form(fields), catalog: catalog)
    }

    @Test func holdsWhatTheFormSays() throws {
        let posted = try Self.read([
            "service_code": "water-leak", "lat": "52.48", "long": "-1.9", "address_string": "10 Broad Street",
            "address_id": "g-7", "description": " Water\r\nruns\rdown \t", "media_url": "https://example.org/a.jpg",
            "service_object_id": "hydrant-3", "service_object_type": "urn:hydrant", "email": "a@example.org",
            "first_name": "Ada", "last_name": "L", "phone": "1", "account_id": "77", "deviceid": "phone-1",
            "attribute[secret]": "kept by nobody", "jurisdiction_id": "city", "foo": "\u{0}",
        ])
        var submission = RequestSubmission(service: .waterLeak, description: "Water\nruns\ndown")
        submission.latitude = 52.48
        submission.longitude = -1.9
        submission.address = "10 Broad Street"
        submission.addressID = "g-7"
        submission.mediaURL = "https://example.org/a.jpg"
        submission.assetID = "hydrant-3"
        submission.assetType = "urn:hydrant"
        #expect(posted.submission == submission)
        var reporter = Reporter()
        reporter.email = "a@example.org"
        reporter.firstName = "Ada"
        reporter.lastName = "L"
        reporter.phone = "1"
        reporter.accountID = "77"
        reporter.deviceID = "phone-1"
        #expect(posted.reporter == reporter)
    }

    @Test func mayBeAnonymous() throws {
        #expect(try Self.read(["service_code": "water-leak", "address_id": "1", "email": " "]).reporter == nil)
    }

    @Test func answersQuestionsInTheirOrder() throws {
        let posted = try Self.read([
            "service_code": "bin-full", "address_string": "x", "attribute[what]": "a bin", "attribute[sides][]": "r",
            "attribute[sides][]": "l", "attribute[smell]": "no", "attribute[percent]": "95.5",
            "attribute[since]": "2026-11-21T20:34:05+01:00",
        ])
        #expect(
            posted.submission.attributes == [
                SubmittedAttribute(code: "smell", values: ["no"]),
                SubmittedAttribute(code: "sides", values: ["r", "l"]),
                SubmittedAttribute(code: "what", values: ["a bin"]),
                SubmittedAttribute(code: "percent", values: ["95.5"]),
                SubmittedAttribute(code: "since", values: ["2026-11-21T20:34:05+01:00"]),
            ])
    }

    @Test func tellsFurtherMediaInTheText() throws {
        let posted = try Self.read([
            "service_code": "water-leak", "address_id": "1", "description": "Look",
            "media_url": "https://example.org/1.jpg", "media_url": "https://example.org/2.jpg",
        ])
        #expect(posted.submission.mediaURL == "https://example.org/1.jpg")
        #expect(posted.submission.description == "Look\nSee also https://example.org/2.jpg")
    }

    @Test func countsCharactersNotBytes() throws {
        let long = String(repeating: "🚰", count: 4000)
        let posted = try Self.read(["service_code": "water-leak", "address_id": "1", "description": long])
        #expect(posted.submission.description == long)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var code: Int
        var fields: KeyValuePairs<String, String>
        /// What the sentence names.
        var names: String

        init(_ testDescription: String, _ code: Int, _ fields: KeyValuePairs<String, String>, names: String) {
            (self.testDescription, self.code, self.fields, self.names) = (testDescription, code, fields, names)
        }
    }

    @Test(arguments: [
        Refused("no service", 400, ["lat": "1", "long": "1"], names: "service_code"),
        Refused("an empty service", 400, ["service_code": " ", "lat": "1", "long": "1"], names: "service_code"),
        Refused("no such service", 404, ["service_code": "pot-hole", "address_id": "1"], names: "service"),
        Refused("a service that can't be one", 404, ["service_code": "'; DROP", "address_id": "1"], names: "service"),
        Refused("no place", 400, ["service_code": "water-leak"], names: "address_string"),
        Refused("half a place", 400, ["service_code": "water-leak", "lat": "1"], names: "long"),
        Refused(
            "a place off the earth", 400, ["service_code": "water-leak", "lat": "90.1", "long": "0"], names: "lat"),
        Refused(
            "a place that is no number", 400, ["service_code": "water-leak", "lat": "nan", "long": "0"], names: "lat"),
        Refused(
            "one character too many", 400,
            ["service_code": "water-leak", "address_id": "1", "description": String(repeating: "é", count: 4001)],
            names: "description"),
        Refused(
            "a control character", 400, ["service_code": "water-leak", "address_id": "1", "description": "a\u{0}b"],
            names: "description"),
        Refused(
            "a character that XML has not", 400,
            ["service_code": "water-leak", "address_id": "1", "description": "\u{FFFE}"], names: "description"),
        Refused(
            "a name with a line end in it is one line", 400,
            ["service_code": "water-leak", "address_id": "1", "email": "a\u{B}b"], names: "email"),
        Refused(
            "a script as media", 400,
            ["service_code": "water-leak", "address_id": "1", "media_url": "javascript:alert(1)"], names: "media_url"),
        Refused(
            "media with markup", 400,
            ["service_code": "water-leak", "address_id": "1", "media_url": "https://x/\"><script>"], names: "media_url"),
        Refused(
            "a question unanswered", 400, ["service_code": "bin-full", "address_id": "1"], names: "attribute[smell]"),
        Refused(
            "an answer that was not offered", 400,
            ["service_code": "bin-full", "address_id": "1", "attribute[smell]": "maybe"], names: "attribute[smell]"),
        Refused(
            "two answers where one is asked", 400,
            ["service_code": "bin-full", "address_id": "1", "attribute[smell][]": "yes", "attribute[smell][]": "no"],
            names: "attribute[smell]"),
        Refused(
            "a number that is none", 400,
            ["service_code": "bin-full", "address_id": "1", "attribute[smell]": "no", "attribute[percent]": "0x10"],
            names: "attribute[percent]"),
        Refused(
            "a time without its zone", 400,
            [
                "service_code": "bin-full", "address_id": "1", "attribute[smell]": "no",
                "attribute[since]": "2026-11-21T20:34:05",
            ], names: "attribute[since]"),
        Refused(
            "an answer of 256 characters", 400,
            [
                "service_code": "bin-full", "address_id": "1", "attribute[smell]": "no",
                "attribute[what]": String(repeating: "x", count: 256),
            ], names: "attribute[what]"),
    ])
    func isRefused(_ c: Refused) {
        let error = #expect(throws: GeoReportError.self) { try Self.read(c.fields) }
        #expect(error?.code == c.code)
        #expect(error?.description.contains(c.names) == true, "\(error?.description ?? "")")
    }

    // MARK: Updates

    @Test func anUpdateSpeaksFixMyStreetsDialect() throws {
        let update = try UpdateSubmission(
            Self.form([
                "service_request_id": "12", "status": "IN_PROGRESS", "description": "A crew\r\ndigs",
                "update_id": "248",
                "updated_datetime": "2026-11-21T20:34:05+00:00", "email": "a@example.org", "last_name": "-",
                "media_url": "https://example.org/1.jpg", "media_url": "https://example.org/2.jpg",
                "public_anonymity_required": "FALSE", "service_request_id_ext": "9",
            ]), hasPhoto: false, nowMs: sampleMs)
        var expected = UpdateSubmission(
            requestID: 12, word: .inProgress, text: "A crew\ndigs\nSee also https://example.org/2.jpg")
        expected.mediaURL = "https://example.org/1.jpg"
        expected.madeAtMs = 1_795_293_245_000
        expected.externalID = "248"
        #expect(update == expected)
    }

    @Test(arguments: [
        (["status": "FIXED", "email": "a@example.org"], UpdateAuthor.person),
        (["description": "Still there", "last_name": "Khan"], .person),
        (["status": "FIXED"], .staff),
        (["status": "FIXED", "email": ""], .staff),
        (["status": "INVESTIGATING", "email": "a@example.org"], .staff),
        (["verdict": "confirmed", "email": "a@example.org"], .staff),
    ])
    func whoIsNamedAndSaysWhatResidentsSayIsAResident(_ fields: [String: String], _ author: UpdateAuthor) throws {
        var form = Self.form(["service_request_id": "1"])
        form.append(fields.map { ($0.key, $0.value) })
        #expect(try UpdateSubmission(form, hasPhoto: false, nowMs: sampleMs).author == author)
    }

    @Test func anUpdateIsNeverFromTheFuture() throws {
        let update = try UpdateSubmission(
            Self.form([
                "service_request_id": "1", "status": "unchanged", "description": "x",
                "updated_datetime": "9999-01-01T00:00:00Z",
            ]),
            hasPhoto: false, nowMs: sampleMs)
        #expect(update.madeAtMs == sampleMs && update.word == nil)
    }

    @Test(arguments: [
        ["status": "open"], ["service_request_id": "0", "status": "open"], ["service_request_id": "1"],
        ["service_request_id": "1", "status": "UNCHANGED"], ["service_request_id": "1", "status": "done"],
        ["service_request_id": "1", "verdict": "unreviewed"], ["service_request_id": "1-2", "status": "open"],
        ["service_request_id": "1", "parent_service_request_id": "1"],
        ["service_request_id": "1", "status": "open", "updated_datetime": "yesterday"],
        ["service_request_id": "1", "description": "\u{1}"],
    ])
    func anUpdateIsRefused(_ fields: [String: String]) {
        var form = SubmittedForm()
        form.append(fields.map { ($0.key, $0.value) })
        let error = #expect(throws: GeoReportError.self) {
            try UpdateSubmission(form, hasPhoto: false, nowMs: sampleMs)
        }
        #expect(error?.code == 400)
    }

    @Test func aPhotoIsNews() throws {
        let form = Self.form(["service_request_id": "1"])
        #expect(try UpdateSubmission(form, hasPhoto: true, nowMs: sampleMs).requestID == 1)
    }

    @Test(arguments: [
        ([0xFF, 0xD8, 0xFF, 0xE0, 0, 0], Photo.Format.jpeg),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], .png),
        (Array("GIF89a,".utf8), .gif), (Array("RIFF1234WEBPVP8 ".utf8), .webp), (Array("<svg>".utf8), nil), ([], nil),
        ([0xFF, 0xD8], nil), (Array("RIFF1234WAVE".utf8), nil), (Array("<html>\u{FF}\u{D8}\u{FF}".utf8), nil),
    ])
    func aPhotoIsKnownByItsFirstBytes(_ bytes: [UInt8], _ format: Photo.Format?) {
        #expect(Photo(bytes: bytes)?.format == format)
    }
}
