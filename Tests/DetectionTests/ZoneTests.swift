import Detection
import Readings
import Testing

/// What a pipe zone's sensors know together.
@Suite struct ZoneTests {
    /// An inlet meter and two pressure sensors, quarter by quarter: the inlet's head wanders, friction follows the flow.
    struct Zone {
        var fusion = ZoneFusion()
        private var random: Random
        private var scratch: [Double] = []
        private var head = 0.0
        private var quarter: Int64 = 0
        static let meter = SensorIndex(rawValue: 0), near = SensorIndex(rawValue: 1), far = SensorIndex(rawValue: 2)

        init(seed: UInt64) { random = Random(seed: seed) }

        var nowMs: Int64 { .monday + quarter * 15 * .minute }

        /// `drift`: metres a day that the far sensor gains; `fall`: what a leak takes from both; nil pressures are lost.
        mutating func pass(
            days: Double, drift: Double = 0, fall: Double = 0, isLeak: Bool = false, farSends: Bool = true
        ) {
            let from = quarter
            for _ in 0..<Int(days * 96) {
                head += 0.05 * random.normal() - 0.02 * head
                let flow = 1 + 0.05 * random.normal()
                send(Self.meter, .flow, flow, flow - 1, isLeak)
                let gained = drift * Double(quarter - from) / 96
                send(Self.near, .pressure, 45, head - fall - 1 * (flow - 1) + 0.05 * random.normal(), isLeak)
                if farSends {
                    let own = head - fall - 2 * (flow - 1) + 0.05 * random.normal() + gained
                    send(Self.far, .pressure, 45, own, isLeak)
                }
                quarter += 1
            }
        }

        private mutating func send(
            _ sensor: SensorIndex, _ quantity: Quantity, _ value: Double, _ residual: Double, _ isLeak: Bool
        ) {
            fusion.observe(
                ZoneEvidence(
                    quantity: quantity, atMs: nowMs, value: value, residual: residual, scale: 1, isLeak: isLeak,
                    isQuiet: !isLeak), from: sensor, scratch: &scratch)
        }

        func view(_ sensor: SensorIndex) -> ZoneView {
            var scratch: [Double] = []
            return fusion.view(
                of: sensor, sensor == Self.meter ? .flow : .pressure, atMs: nowMs, scratch: &scratch)
        }

        /// A pressure logger that listens as well.
        mutating func hear(_ sensor: SensorIndex, rise: Double) {
            fusion.observe(
                ZoneEvidence(
                    quantity: .noise, atMs: nowMs, value: 40, residual: rise, scale: 0, isLeak: false, isQuiet: true),
                from: sensor, scratch: &scratch)
        }

        func isDrifting(_ sensor: SensorIndex) -> Bool { view(sensor).isDrifting }
    }

    @Test(arguments: 1...8, [0.5, -0.5]) func aPressureSensorThatWandersOffIsTheOneThatIsBlamed(
        _ seed: Int, _ drift: Double
    ) {
        var zone = Zone(seed: UInt64(seed))
        zone.pass(days: 21)
        #expect(!zone.isDrifting(Zone.near) && !zone.isDrifting(Zone.far))
        zone.pass(days: 6, drift: drift)
        #expect(zone.isDrifting(Zone.far) && !zone.isDrifting(Zone.near))
        // Set right again.
        zone.pass(days: 2)
        #expect(!zone.isDrifting(Zone.far) && !zone.isDrifting(Zone.near))
    }

    @Test(arguments: 1...8) func aLeakThatPullsBothDownIsNoDrift(_ seed: Int) {
        var zone = Zone(seed: UInt64(seed))
        zone.pass(days: 21)
        zone.pass(days: 7, fall: 2, isLeak: true)
        #expect(!zone.isDrifting(Zone.near) && !zone.isDrifting(Zone.far))
        #expect(zone.view(Zone.far).isLeaking)
    }

    /// What one of them hears is no pressure: the sound sensor beside it was said to drift.
    @Test(arguments: [8, -8] as [Double]) func loggersThatAlsoListenAreNoWorseForIt(_ rise: Double) {
        var (plain, listening) = (Zone(seed: 5), Zone(seed: 5))
        for day in 0..<21 {
            plain.pass(days: 1)
            listening.hear(Zone.near, rise: day < 14 ? 0 : rise)
            listening.pass(days: 1)
            listening.hear(Zone.near, rise: day < 14 ? 0 : rise)
            #expect(listening.view(Zone.far) == plain.view(Zone.far))
            #expect(listening.view(Zone.near) == plain.view(Zone.near))
        }
    }

    @Test func aSensorWithoutNeighboursIsNotJudged() {
        var zone = Zone(seed: 4)
        zone.pass(days: 21)
        zone.pass(days: 3, farSends: false)
        #expect(!zone.isDrifting(Zone.near))
        zone.pass(days: 1)
        #expect(!zone.isDrifting(Zone.near) && !zone.isDrifting(Zone.far))
    }

    @Test func aStrangerHasNoView() {
        var scratch: [Double] = []
        let view = ZoneFusion().view(of: SensorIndex(rawValue: 9), .pressure, atMs: 0, scratch: &scratch)
        #expect(view == ZoneView())
    }

    struct Loggers: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rises: [Double]
        var told: Double?
    }

    @Test(
        arguments: [
            Loggers(testDescription: "a storm is heard by all", rises: [5, 6, 7, 5], told: 5),
            Loggers(testDescription: "a leak that half of them hear is no storm", rises: [0.2, 6, 7, 0.1], told: 0.2),
            Loggers(testDescription: "two are too few to tell", rises: [6, 7], told: nil),
        ]) func loggersThatRiseTogether(_ c: Loggers)
    {
        var fusion = ZoneFusion()
        // What others left in it means nothing.
        var scratch = [99.0, -99]
        func tell(_ sensor: Int, _ rise: Double, atMs: Int64) {
            fusion.observe(
                ZoneEvidence(
                    quantity: .noise, atMs: atMs, value: 40, residual: rise, scale: 0, isLeak: false, isQuiet: true),
                from: SensorIndex(rawValue: UInt32(sensor)), scratch: &scratch)
        }
        tell(0, 9, atMs: .monday)
        for (number, rise) in c.rises.enumerated() { tell(number + 1, rise, atMs: .monday) }
        func neighbours(atMs: Int64) -> Double? {
            fusion.view(of: SensorIndex(rawValue: 0), .noise, atMs: atMs, scratch: &scratch).neighbours
        }
        #expect(neighbours(atMs: .monday) == c.told)
        // Last night is not this night.
        #expect(neighbours(atMs: .monday + 20 * .hour) == nil)
    }

    /// Contacts that tell of changes, and else once a day that they live: rain that began hours ago is still told of.
    @Test func aWetNeighboursWordHoldsUntilItsNext() {
        var fusion = ZoneFusion()
        var scratch: [Double] = []
        for number in 0..<4 {
            fusion.observe(
                ZoneEvidence(
                    quantity: .wetness, atMs: .monday, value: 1, residual: number < 2 ? 1 : 0, scale: 1, isLeak: false,
                    isQuiet: true), from: SensorIndex(rawValue: UInt32(number)), scratch: &scratch)
        }
        func neighbours(atMs: Int64) -> Double? {
            fusion.view(of: SensorIndex(rawValue: 3), .wetness, atMs: atMs, scratch: &scratch).neighbours
        }
        #expect(neighbours(atMs: .monday + 8 * .hour) == 2.0 / 3)
        #expect(neighbours(atMs: .monday + 24 * .hour) == 2.0 / 3)
        #expect(neighbours(atMs: .monday + 48 * .hour) == nil)
    }
}
