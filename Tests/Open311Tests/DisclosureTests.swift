import Open311
import Testing

/// What the public may know of a service's requests, on every way that documents go.
@Suite struct DisclosureTests {
    static let metres = 500.0

    static func catalog(_ visibility: ServiceVisibility) -> ServiceCatalog {
        ServiceCatalog([
            Service(
                code: .waterLeak, name: "Water leak", description: "Water escapes.", agency: "Water",
                visibility: visibility),
            Service(code: .binFull, name: "Bin"),
        ])
    }

    static func disclosure(_ visibility: ServiceVisibility) -> Disclosure {
        Disclosure(catalog: catalog(visibility)) { id in "anon-\(id.utf8.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) })"
        }
    }

    /// Whatever could give a sensor or a place away, in every field that could hold it.
    static let secret: ServiceRequest = {
        var request = ServiceRequest(
            id: 5, service: .waterLeak, incidentKey: "water-leak/cam-17/burst", requestedAtMs: sampleMs)
        request.sensorID = "cam-17"
        request.title = "Slow traffic on cam-17"
        request.description = "Traffic on cam-17 at 10 Broad Street has moved at 3 km/h."
        request.statusNotes = "Opened: cam-17 at 10 Broad Street"
        request.notice = "Somebody looks at cam-17."
        request.address = "10 Broad Street"
        request.addressID = "gaz-99"
        request.latitude = 52.479_123
        request.longitude = -1.909_456
        request.assetID = "pole-4"
        request.assetType = "lamp"
        request.mediaURL = "/media/requests/5.png"
        request.attributes = [SubmittedAttribute(code: "WHERE", values: ["behind 10 Broad Street"])]
        return request
    }()

    static let line: RequestUpdate = {
        var update = RequestUpdate(
            requestID: 5, number: 1, atMs: sampleMs, status: .open, text: "Opened: cam-17 at 10 Broad Street")
        update.mediaURL = "/media/photos/broad-street.jpg"
        return update
    }()

    /// Every document that a request or an update gets into, in both formats.
    static func documents(_ visibility: ServiceVisibility) -> String {
        let view = PublicView(disclosure(visibility), baseURL: "http://here")
        let documents: [GeoReportDocument] = [
            .requests([secret], for: view), .requests([secret], updates: [5: [line]], for: view),
            .updates(view.updates([line], of: [secret]), for: view), .services(view.catalog.published),
        ]
        return documents.flatMap { document in
            GeoReportFormat.allCases.map { String(decoding: document.encoded(as: $0), as: UTF8.self) }
        }.joined(separator: "\n")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var visibility: ServiceVisibility
        var shows: [String]
        var hides: [String]
    }

    static let everything = [
        "cam-17", "Broad Street", "gaz-99", "52.479123", "pole-4", "lamp", "5.png", "broad-street.jpg",
    ]

    @Test(arguments: [
        Case(testDescription: "open", visibility: .open, shows: everything, hides: ["anon-"]),
        Case(
            testDescription: "pseudonymous", visibility: .pseudonymous,
            shows: ["anon-", "Broad Street", "52.479123", "pole-4", "Slow traffic on anon-"], hides: ["cam-17"]),
        Case(
            testDescription: "coarse", visibility: .coarse(metres: metres),
            shows: ["anon-", "Water escapes.", "Status: open"], hides: everything + ["-1.909456", "Slow traffic"]),
        Case(
            testDescription: "hidden", visibility: .hidden, shows: [],
            hides: everything + ["anon-", "water-leak", "Water leak", "\"5\"", ">5<", "5-1"]),
    ])
    func everyDocumentKeepsItsServicesVisibility(_ c: Case) {
        let text = Self.documents(c.visibility)
        for part in c.shows { #expect(text.contains(part), "\(part) should be there") }
        for part in c.hides { #expect(!text.contains(part), "\(part) should not be there") }
    }

    @Test func aCoarsePositionIsTheSameForAllOfItsCellAndNoFartherThanItSays() throws {
        let disclosure = Self.disclosure(.coarse(metres: Self.metres))
        var cells: Set<[Double]> = []
        for step in 0..<400 {
            var request = Self.secret
            request.latitude = 52.4 + Double(step % 20) * 0.0005
            request.longitude = -1.9 + Double(step / 20) * 0.0005
            let shown = try #require(disclosure.request(request))
            let (latitude, longitude) = (try #require(shown.latitude), try #require(shown.longitude))
            cells.insert([latitude, longitude])
            let north = (latitude - request.latitude!) * 111_320
            let east = (longitude - request.longitude!) * 111_320 * 0.61
            #expect((north * north + east * east).squareRoot() <= (try #require(shown.radiusM)))
        }
        // A kilometre by 680 m: a handful of cells, and not 400 places.
        #expect((4...12).contains(cells.count))
    }

    @Test(arguments: [(90.0, 180.0), (-90, -180), (89.9999, 0), (0, 179.9999)])
    func aCoarsePositionStaysOnTheGlobe(latitude: Double, longitude: Double) throws {
        var request = Self.secret
        (request.latitude, request.longitude) = (latitude, longitude)
        let shown = try #require(Self.disclosure(.coarse(metres: 5000)).request(request))
        #expect((-90...90).contains(try #require(shown.latitude)))
        #expect((-180...180).contains(try #require(shown.longitude)))
    }

    @Test func questionsAboutPlacesDoNotFindWhatIsCoarse() throws {
        let catalog = Self.catalog(.coarse(metres: 500))
        let whole = try RequestSearch(parameters: [("status", "open")], nowMs: sampleMs, catalog: catalog)
        #expect(whole.hiddenServices.isEmpty)
        for parameters in [[("bbox", "-2,52,-1,53")], [("lat", "52.5"), ("long", "-1.9")]] {
            let search = try RequestSearch(parameters: parameters, nowMs: sampleMs, catalog: catalog)
            #expect(search.hiddenServices == [.waterLeak])
        }
    }

    @Test func whatIsHiddenIsInNoSearch() throws {
        let catalog = Self.catalog(.hidden)
        for parameters in [[], [("service_request_id", "5")], [("bbox", "-2,52,-1,53")]] {
            #expect(
                try RequestSearch(parameters: parameters, nowMs: sampleMs, catalog: catalog).hiddenServices
                    == [.waterLeak])
        }
        #expect(try UpdateSearch(parameters: [], nowMs: sampleMs, catalog: catalog).hiddenServices == [.waterLeak])
        #expect(throws: GeoReportError.self) {
            try RequestSearch(parameters: [("service_code", "water-leak")], nowMs: sampleMs, catalog: catalog)
        }
    }

    @Test func sensorsAndSentencesOfTheLiveStreamFollowTheirService() {
        let sentence = "Slow traffic on cam-17"
        #expect(Self.disclosure(.open).sentence(sentence, about: "cam-17", of: .waterLeak) == sentence)
        let numbers = Self.disclosure(.pseudonymous)
            .sentence("1: at 10:11 1 of 12 at bin-1", about: "1", of: .waterLeak)
        #expect(numbers?.split(separator: " ").filter { $0.hasPrefix("anon-") }.count == 2)
        #expect(numbers?.hasSuffix("of 12 at bin-1") == true)
        let masked = Self.disclosure(.pseudonymous).sentence(sentence, about: "cam-17", of: .waterLeak)
        #expect(masked?.hasPrefix("Slow traffic on anon-") == true)
        #expect(Self.disclosure(.coarse(metres: 100)).sentence(sentence, about: "cam-17", of: .waterLeak) == "")
        #expect(Self.disclosure(.hidden).sentence(sentence, about: "cam-17", of: .waterLeak) == nil)
        #expect(Self.disclosure(.hidden).sensorID("cam-17", of: .waterLeak) == nil)
        #expect(Self.disclosure(.hidden).sensorID("cam-17", of: .binFull) == "cam-17")
    }

    @Test(arguments: [
        (ServiceVisibility.open, true), (.pseudonymous, true), (.coarse(metres: 100), false), (.hidden, false),
    ])
    func aSilentGatewayIsNamedWhereOnlySensorsHaveOtherNames(_ visibility: ServiceVisibility, isNamed: Bool) {
        let disclosure = Self.disclosure(visibility)
        var request = Self.secret
        (request.sensorID, request.detector, request.title) = ("gw-07", "gateway-silence", "Gateway gw-07 silent")
        let update = RequestUpdate(requestID: 5, number: 1, atMs: sampleMs, status: .open, text: "Opened: gw-07")
        #expect((disclosure.request(request)?.title == "Gateway gw-07 silent") == isNamed)
        #expect((disclosure.request(request)?.sensorID == "gw-07") == isNamed)
        #expect((disclosure.update(update, of: request)?.text == "Opened: gw-07") == isNamed)
        let rule = "gateway-silence"
        #expect((disclosure.sensorID("gw-07", of: .waterLeak, rule: rule) == "gw-07") == isNamed)
        #expect((disclosure.sentence("gw-07", about: "gw-07", of: .waterLeak, rule: rule) == "gw-07") == isNamed)
    }

    @Test func trafficIsPseudonymousUnlessTheCityDecidesOtherwise() {
        #expect(ServiceCatalog.standard.named(.trafficAnomaly).visibility == .pseudonymous)
        #expect(ServiceCatalog.standard.mostSecretive == .trafficAnomaly)
        #expect(Self.catalog(.open).mostSecretive == nil)
    }
}
