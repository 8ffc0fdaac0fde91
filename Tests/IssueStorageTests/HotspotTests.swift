import Foundation
import Incidents
import IssueStorage
import Open311
import Readings
import Simulation
import Testing

/// Hotspots are told from chance, and nothing is claimed where nothing listens.
@Suite struct HotspotTests {
    /// A Monday, 00:00 UTC, 900 days into what is made up here.
    private static let nowMs: Int64 = 1_780_272_000_000
    private static let today = Int(nowMs / 86_400_000)
    private let windows = HotspotWindows(days: 7, toMs: Self.nowMs)

    /// So many requests a week on average, by chance alone.
    private func series(perWeek rate: (Int) -> Double, days: Int = 400, _ random: inout SeededGenerator) -> DaySeries {
        var series = DaySeries()
        for day in (Self.today - days)..<Self.today { series.add(poisson(rate(day) / 7, &random), on: day) }
        return series
    }

    private func poisson(_ mean: Double, _ random: inout SeededGenerator) -> Int {
        var (count, product) = (0, random.nextUnit())
        while product > exp(-mean) {
            count += 1
            product *= random.nextUnit()
        }
        return count
    }

    private func listening(sensors: Int, sinceDays days: Int = 2000) -> Listening {
        var listening = Listening(windows: windows.levels + 2)
        for _ in 0..<sensors { listening.add(firstDay: Self.today - days, lastDay: Self.today - 1, windows) }
        return listening
    }

    private func place(_ name: String, _ series: DaySeries, _ listening: Listening?) -> HotspotModel.Place {
        HotspotModel.Place(kind: .ward, name: name, service: "water-leak", series: series, listening: listening)
    }

    private func model(_ season: Double = 1, peopleSinceDays: Int = 2000) -> HotspotModel {
        HotspotModel(
            windows: windows, falseDiscoveryRate: 0.05, seasons: ["water-leak": season],
            firstDays: ["water-leak": Self.today - peopleSinceDays])
    }

    /// In a small town what was heard is not folded for days.
    @Test func whatWasHeardIsCoveredBeforeItIsHistory() async throws {
        let store = SteppedStore(directory: TemporaryDirectory())
        try store.run { tools in
            try tools.commit { batch in
                var meter = newSensor(1)
                meter.sensor.ward = "Aston"
                batch.newSensors = [meter]
                batch.readings = (2...9).map { sequence in
                    reading(sequence, sensor: 0, atMs: Self.nowMs - 600_000 + sequence * 60_000, value: 10)
                }
            }
            try tools.settle()
            #expect(try tools.count("history_open") == 0)
            #expect(try tools.count("listening") == 1)
        }
        let reader = try IssueReader(directory: store.directory.path)
        var query = HotspotQuery(toMs: Self.nowMs)
        (query.kinds, query.services) = ([.ward], [.waterLeak])
        let found = try await reader.hotspots(query)
        #expect(found.map(\.place) == ["Aston"])
        #expect(found.first?.sensors == 1)
        #expect(found.first?.claim != .noCoverage)
    }

    @Test func ofPlacesWithoutHotspotHardlyAnyIsCalledOne() {
        var random = SeededGenerator(seed: 1)
        var called = 0
        for _ in 0..<100 {
            // From nearly never to often.
            let places = (0..<60).map { number in
                place(
                    "\(number)", series(perWeek: { _ in 0.05 * pow(1.15, Double(number)) }, &random),
                    listening(sensors: 3))
            }
            if model().hotspots(places).contains(where: \.isHot) { called += 1 }
        }
        // Without a hotspot any discovery is false: at 5 % no more than that share of the answers has one.
        #expect(called <= 9)
    }

    @Test func aPlaceWithThriceItsUsualIsFound() throws {
        var random = SeededGenerator(seed: 2)
        var places = (0..<60).map { number in
            place("\(number)", series(perWeek: { _ in 6 }, &random), listening(sensors: 3))
        }
        places[17].series = series(perWeek: { $0 >= Self.today - 7 ? 24 : 6 }, &random)
        let found = model().hotspots(places)
        #expect(found.filter(\.isHot).map(\.place) == ["17"])
        let hot = try #require(found.first)
        #expect(hot.trend == .new)
        #expect((5...7.5).contains(hot.expected!))
        #expect(hot.expectedRange!.upperBound < hot.count)
        #expect(found.count == 60)
    }

    struct TrendCase: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The week before, and this one, where 4 are usual.
        var previous: Int
        var count: Int
        var isHot: Bool
        var trend: Hotspot.Trend?
    }

    @Test(arguments: [
        TrendCase(testDescription: "as ever", previous: 4, count: 5, isHot: false, trend: nil),
        TrendCase(testDescription: "all at once", previous: 4, count: 25, isHot: true, trend: .new),
        TrendCase(
            testDescription: "twice as bad as the week before", previous: 20, count: 45, isHot: true, trend: .worse),
        TrendCase(testDescription: "as bad as the week before", previous: 24, count: 25, isHot: true, trend: .steady),
        TrendCase(testDescription: "half as bad", previous: 50, count: 22, isHot: true, trend: .better),
        TrendCase(testDescription: "over", previous: 30, count: 4, isHot: false, trend: .better),
    ])
    func aTrendSaysHowItWasTheWeekBefore(_ c: TrendCase) throws {
        var series = DaySeries()
        for week in 2..<40 { series.add(3 + week % 3, on: Self.today - 7 * week - 3) }
        series.add(c.previous, on: Self.today - 10)
        series.add(c.count, on: Self.today - 3)
        let found = try #require(model().hotspots([place("a", series, listening(sensors: 2))]).first)
        #expect(found.isHot == c.isHot)
        #expect(found.trend == c.trend)
        #expect(found.previous == c.previous && found.count == c.count)
    }

    @Test func whereNothingListensNothingIsClaimed() throws {
        var random = SeededGenerator(seed: 3)
        let busy = series(perWeek: { $0 >= Self.today - 7 ? 50 : 1 }, &random)
        var gone = Listening(windows: windows.levels + 2)
        gone.add(firstDay: Self.today - 900, lastDay: Self.today - 20, windows)
        let places = [
            place("never", busy, Listening(windows: windows.levels + 2)), place("not now", busy, gone),
            place("for two weeks", busy, listening(sensors: 5, sinceDays: 20)),
            place("people report", busy, nil), place("listens", busy, listening(sensors: 1)),
        ]
        let claims = Dictionary(uniqueKeysWithValues: model().hotspots(places).map { ($0.place, $0) })
        for name in ["never", "not now"] {
            let hotspot = try #require(claims[name])
            #expect(hotspot.claim == .noCoverage)
            #expect(hotspot.pValue == nil && hotspot.expected == nil && !hotspot.isHot && hotspot.sensors == 0)
        }
        #expect(claims["for two weeks"]?.claim == .noHistory)
        #expect(claims["people report"]?.isHot == true)
        #expect(claims["listens"]?.isHot == true)
    }

    /// Nobody reports into a service that there is not: weeks before its first request were not quiet ones.
    @Test func ofAServiceThatPeopleHaveOnlyBegunToReportToNothingIsClaimed() throws {
        var new = DaySeries()
        new.add(3, on: Self.today - 10)
        new.add(9, on: Self.today - 2)
        let people = place("a", new, nil)
        let young = try #require(model(peopleSinceDays: 10).hotspots([people]).first)
        #expect(young.claim == .noHistory && !young.isHot && young.pValue == nil && young.trend == nil)
        #expect(young.expected == nil && young.count == 9 && young.previous == 3)
        // Five weeks on there are four whole windows behind the present one.
        let month = try #require(model(peopleSinceDays: 35).hotspots([people]).first)
        #expect(month.claim == .tested && month.basis == 4)
        #expect(model(peopleSinceDays: 34).hotspots([people]).first?.claim == .noHistory)
        let unknown = HotspotModel(windows: windows, falseDiscoveryRate: 0.05, seasons: [:], firstDays: [:])
        #expect(unknown.hotspots([people]).first?.claim == .noHistory)
    }

    @Test func moreSensorsFindMoreAndThatIsNoHotspot() throws {
        var random = SeededGenerator(seed: 4)
        // Four times the sensors since ten weeks, and four times the requests since.
        var grown = Listening(windows: windows.levels + 2)
        for number in 0..<8 {
            grown.add(firstDay: Self.today - (number < 2 ? 900 : 70), lastDay: Self.today - 1, windows)
        }
        let rising = series(perWeek: { $0 >= Self.today - 70 ? 16 : 4 }, &random)
        let found = try #require(model().hotspots([place("a", rising, grown)]).first)
        #expect((10...22).contains(found.expected!))
        #expect(!found.isHot)
    }

    @Test func anOutbreakInThePastHidesNoneToday() throws {
        var calm = DaySeries()
        for week in 1..<40 { calm.add(4, on: Self.today - 7 * week - 3) }
        var stormy = calm
        stormy.add(60, on: Self.today - 7 * 9 - 3)
        calm.add(18, on: Self.today - 3)
        stormy.add(18, on: Self.today - 3)
        let found = model().hotspots([
            place("calm", calm, listening(sensors: 2)), place("stormy", stormy, listening(sensors: 2)),
        ])
        let expected = Dictionary(uniqueKeysWithValues: found.map { ($0.place, $0.expected!) })
        // Without reweighting 60 in one of 26 weeks would raise it by more than two.
        #expect(expected["stormy"]! - expected["calm"]! < 0.5)
    }

    @Test func theSeasonIsThatOfTheYearsBefore() {
        var random = SeededGenerator(seed: 5)
        // Twice as many in these eight weeks of each year.
        let seasonal = { (day: Int) -> Double in
            let inYear = (Self.today - day + 28) % 364
            return inYear < 56 ? 200 : 100
        }
        let city = series(perWeek: seasonal, days: 1000, &random)
        #expect((1.6...2.2).contains(SeasonFactor.factor(city: city, windows: windows)))
        let young = series(perWeek: seasonal, days: 300, &random)
        #expect(SeasonFactor.factor(city: young, windows: windows) == 1)
        let even = series(perWeek: { _ in 100 }, days: 1000, &random)
        #expect((0.93...1.07).contains(SeasonFactor.factor(city: even, windows: windows)))
    }

    @Test func aDayThatHasOnlyBegunCountsAsLittle() {
        let atNoon = HotspotWindows(days: 7, toMs: Self.nowMs + 43_200_000)
        #expect(abs(atNoon.exposure - 6.5 / 7) < 1e-12)
        #expect(atNoon.startDay(0) == Self.today - 6)
        let atMidnight = HotspotWindows(days: 7, toMs: Self.nowMs)
        #expect(atMidnight.exposure == 1)
        #expect(atMidnight.startDay(0) == Self.today - 7)
        // Windows of ten days still begin on one weekday.
        #expect(HotspotWindows(days: 10, toMs: Self.nowMs).stride == 14)
    }

    @Test func windowsCountTheirOwnDays() {
        var series = DaySeries()
        for day in (Self.today - 100)..<Self.today { series.add(1, on: day) }
        #expect(windows.counts(of: series, windows: 3) == [7, 7, 7])
        let ten = HotspotWindows(days: 10, toMs: Self.nowMs)
        #expect(ten.counts(of: series, windows: 3) == [10, 10, 10])
        #expect(windows.counts(of: series, windows: 2, earlier: 96) == [4, 0])
    }

    @Test func aSeriesComesBackFromItsBytes() throws {
        var random = SeededGenerator(seed: 6)
        var series = DaySeries()
        var plain: [Int: Int] = [:]
        for _ in 0..<500 {
            let (day, change) = (random.next(in: -50..<20_000), random.next(in: 1..<300))
            series.add(change, on: day)
            plain[day, default: 0] += change
        }
        series.add(-plain[plain.keys.min()!]!, on: plain.keys.min()!)
        plain[plain.keys.min()!] = nil
        #expect(series.entries.map(\.day) == plain.keys.sorted())
        #expect(series.entries.allSatisfy { plain[$0.day] == $0.count })
        #expect(try #require(DaySeries(series.encoded())) == series)
        #expect(DaySeries([0x80]) == nil)
    }

    @Test func cellsAreSquareAndHoldTheirPoints() throws {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<2000 {
            let (latitude, longitude) = (random.nextUnit() * 178 - 89, random.nextUnit() * 360 - 180)
            let cell = try #require(GridCell(latitude: latitude, longitude: longitude))
            let box = cell.box
            #expect((box.south...box.north).contains(latitude) && (box.west...box.east).contains(longitude))
            let ratio = (box.east - box.west) * cos(latitude * .pi / 180) / (box.north - box.south)
            #expect((0.9...1.12).contains(ratio))
            #expect(GridCell(cell.description) == cell)
            let around = cell.neighbourhood
            #expect(around.contains(cell) && Set(around).count == around.count && (7...9).contains(around.count))
        }
        #expect(GridCell(latitude: 90, longitude: 180) != nil)
        #expect(GridCell(latitude: nil, longitude: 1) == nil)
        #expect(GridCell(latitude: .nan, longitude: 1) == nil)
        for text in ["", "1", "1,2,3", "-1,0", "0,99999999", "a,b"] { #expect(GridCell(text) == nil, "\(text)") }
    }

    @Test func theStoreKnowsWhereSensorsListenAndWhatHappenedThere() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.newSensors = [newSensor(1, number: 0, id: "a"), newSensor(2, number: 1, id: "b")]
                for index in batch.newSensors.indices {
                    batch.newSensors[index].sensor.ward = ["Abbey", "Bordesley"][index]
                    batch.newSensors[index].sensor.position = Sensor.Position(latitude: 52.5, longitude: -1.9)
                }
                // A year of one sensor, a reading a day; nothing of the other.
                batch.readings = (0..<400).map {
                    reading(10 + $0, sensor: 0, atMs: Self.nowMs - (400 - $0) * 86_400_000)
                }
                for number in 0..<40 {
                    for (offset, ward) in [(0, "Abbey"), (100, "Bordesley"), (200, "Castle")] {
                        var request = request(
                            Int64(1 + offset + number),
                            atMs: Self.nowMs - Int64(number < 12 ? 1 : number) * 86_400_000 - 1)
                        (request.ward, request.latitude, request.longitude) = (ward, 52.5, -1.9)
                        if number == 0 { request.verdict = .falseAlarm }
                        batch.requests.append(request)
                    }
                }
            }
            try tools.tick(5000, from: Self.nowMs)
            try tools.settle()
            // All is folded now; a round of looking who listens comes every ten minutes.
            try tools.tick(5001, afterDays: 0.2, from: Self.nowMs)
            try tools.settle()
        }
        var query = HotspotQuery(toMs: Self.nowMs)
        query.kinds = [.ward]
        query.services = [.waterLeak]
        let reader = try IssueReader(directory: directory.path)
        let wards = try await reader.hotspots(query)
        let byName = Dictionary(uniqueKeysWithValues: wards.map { ($0.place, $0) })
        #expect(Set(byName.keys) == ["Abbey", "Bordesley", "Castle"])
        // Twelve requests, of which one was a false alarm.
        #expect(byName["Abbey"]?.count == 11 && byName["Abbey"]?.sensors == 1 && byName["Abbey"]?.isHot == true)
        #expect(byName["Bordesley"]?.claim == .noCoverage && byName["Castle"]?.claim == .noCoverage)
        query.kinds = [.cell]
        let cells = try await reader.hotspots(query)
        #expect(cells.map(\.count) == [33])
        #expect(cells[0].place == GridCell(latitude: 52.5, longitude: -1.9)?.description)
        query.services = [.binFull]
        #expect(try await reader.hotspots(query).isEmpty)
    }

    /// As a store that was begun last week finds it.
    @Test func theStoreClaimsNothingOfTheFirstReportsIntoAService() async throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let potholes = ServiceCode(rawValue: "pothole")!
        try SteppedStore(directory: directory).run { tools in
            try tools.commit { batch in
                batch.requests = (1...20).map { (number: Int64) in
                    var report = request(number, service: potholes, atMs: Self.nowMs - number * 3_600_000)
                    (report.ward, report.origin) = ("Abbey", .person)
                    return report
                }
            }
            try tools.settle()
        }
        var query = HotspotQuery(toMs: Self.nowMs)
        query.kinds = [.ward]
        let reader = try IssueReader(directory: directory.path)
        let first = try await reader.hotspots(query)
        #expect(first.map(\.service) == ["pothole"] && first.first?.count == 20)
        #expect(first.allSatisfy { $0.claim == .noHistory && !$0.isHot })
        query.toMs += 60 * 86_400_000
        #expect(try await reader.hotspots(query).map(\.claim) == [.tested])
    }
}
