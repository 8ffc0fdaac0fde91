import Detection
import Foundation
import Testing

/// What devices and networks do wrong for nine days, on each kind of device, through the whole pipeline: the requests that
/// must come of it, and those that may. Three weeks before it begins, and three weeks after it, all is well; the clocks go
/// forward on the day on which it begins.
@Suite struct BadStreamTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var trouble: TroubledDevice.Trouble
        var sorts: [TroubledDevice.Sort] = TroubledDevice.Sort.allCases
        var mustRaise: Set<String> = []
        var mayRaise: Set<String> = []
        /// Requests in all.
        var most = 1

        var testDescription: String { "\(trouble): \(sorts.map(\.rawValue).joined(separator: ", "))" }
    }

    @Test(arguments: [
        Case(trouble: .nothing),
        Case(trouble: .twice),
        Case(trouble: .disorder),
        Case(trouble: .everyThird),
        // Back at its old interval it seems to be silent once.
        Case(trouble: .thriceAsOften, mayRaise: ["silence"]),
        // Three readings in ten are lost: several in a row, now and then, until that is known.
        Case(trouble: .gaps, mayRaise: ["silence"], most: 8),
        Case(trouble: .silence, mustRaise: ["silence"]),
        // Each night it is silent until six: a habit, after five of them.
        Case(trouble: .backFill, mustRaise: ["silence"], most: 6),

        Case(trouble: .clockAhead, mustRaise: ["clock"]),
        Case(trouble: .clockBack, sorts: [.pressure, .noise, .meter, .contact, .bin, .series], mustRaise: ["clock"]),
        // The day is not where it was: nobody knows that until it has been so for a week.
        Case(trouble: .clockBack, sorts: [.flow], mustRaise: ["clock"], mayRaise: ["burst", "night-flow"], most: 2),
        Case(trouble: .clockBack, sorts: [.road], mustRaise: ["clock"], mayRaise: ["congestion"], most: 8),
        Case(trouble: .clockBack, sorts: [.counter], mustRaise: ["clock"], mayRaise: ["traffic-drop"], most: 11),

        // Back in the old unit, or with the old device, flow is far above what had become usual.
        Case(trouble: .otherUnit, sorts: [.flow], mustRaise: ["drift"], mayRaise: ["burst"], most: 2),
        Case(trouble: .otherUnit, sorts: [.pressure], mustRaise: ["night-flow"]),
        Case(trouble: .otherUnit, sorts: [.noise, .meter, .road]),
        Case(trouble: .otherUnit, sorts: [.contact], mustRaise: ["implausible"], most: 2),
        Case(trouble: .otherUnit, sorts: [.counter], mustRaise: ["traffic-drop"]),
        Case(trouble: .otherUnit, sorts: [.bin], mustRaise: ["stuck"]),
        Case(trouble: .otherUnit, sorts: [.series], mustRaise: ["anomaly"], most: 2),

        Case(trouble: .swapped, sorts: [.flow], mustRaise: ["drift"], mayRaise: ["burst"], most: 2),
        Case(trouble: .swapped, sorts: [.pressure], mayRaise: ["night-flow"]),
        Case(trouble: .swapped, sorts: [.noise], mustRaise: ["leak-noise"]),
        Case(trouble: .swapped, sorts: [.counter], mustRaise: ["traffic-drop"]),
        Case(trouble: .swapped, sorts: [.meter, .contact, .road, .bin]),
        Case(trouble: .swapped, sorts: [.series], mustRaise: ["anomaly"], most: 4),

        Case(trouble: .zero, sorts: [.flow, .pressure, .noise, .road, .bin], mustRaise: ["stuck"]),
        // A closed road at first.
        Case(trouble: .zero, sorts: [.counter], mustRaise: ["stuck"], mayRaise: ["traffic-drop"], most: 2),
        // A house whose people are away, and dry weather.
        Case(trouble: .zero, sorts: [.meter, .contact]),
        Case(trouble: .zero, sorts: [.series], mustRaise: ["anomaly"], most: 2),

        Case(trouble: .saturated, sorts: [.flow, .pressure, .noise, .counter, .bin], mustRaise: ["stuck"]),
        Case(trouble: .saturated, sorts: [.meter], mustRaise: ["meter-never-zero"]),
        Case(trouble: .saturated, sorts: [.contact], mustRaise: ["wet-contact"]),
        Case(trouble: .saturated, sorts: [.road], mustRaise: ["implausible"]),
        Case(trouble: .saturated, sorts: [.series], mustRaise: ["stuck"], mayRaise: ["anomaly"], most: 2),
    ]) func raisesWhatItMustAndLittleElse(_ c: Case) throws {
        let zone = try ZoneTable(tzif: [UInt8](Data(contentsOf: URL(filePath: "/usr/share/zoneinfo/Europe/Berlin"))))
        for sort in c.sorts {
            for seed in 1...2 as ClosedRange<UInt64> {
                var device = TroubledDevice(sort, zone: zone, seed: seed)
                device.pass(days: 21)
                #expect(device.requests.map(\.detector) == [], "\(sort), seed \(seed): before")
                device.pass(days: 9, c.trouble)
                device.pass(days: 21)
                let told = device.requests.map(\.detector)
                #expect(Set(told).isSuperset(of: c.mustRaise), "\(sort), seed \(seed): \(told)")
                #expect(Set(told).isSubset(of: c.mustRaise.union(c.mayRaise)), "\(sort), seed \(seed): \(told)")
                #expect(told.count <= c.most, "\(sort), seed \(seed): \(told)")
            }
        }
    }
}
