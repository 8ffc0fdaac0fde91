import Detection
import EvidenceChart
import Foundation
import Testing

/// The picture by its properties: what it looks like, people judge.
@Suite struct EvidenceChartTests {
    /// 2026-05-01T00:00:00Z.
    private static let start: Int64 = 1_777_593_600_000

    private static func chart(readings: Int = 200, title: String = "Possible leak in the Aston zone") -> EvidenceChart {
        var chart = EvidenceChart(fromMs: start, toMs: start + 50 * 3_600_000)
        chart.title = title
        chart.subtitle = "Flow has been 45 % above normal since 02:10 on Friday 1 May."
        chart.axis = "Flow, m³/h"
        chart.sensor = "dma-1"
        chart.threshold = 60
        for step in 0..<readings {
            let atMs = start + Int64(step) * 900_000
            chart.readings.append(.init(atMs: atMs, value: 40 + Double(step * 37 % 11)))
            chart.usual.append(.init(atMs: atMs, level: 45, low: 40, high: 50, threshold: 55))
        }
        chart.moments = [.init(atMs: start + 36_000_000, kind: .opened, label: "opened")]
        return chart
    }

    /// Width and height, as the picture's first chunk says them (PNG, ISO 15948 §11.2.2).
    private static func size(_ png: [UInt8]) -> (width: Int, height: Int) {
        let number = { (at: Int) in png[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
        return (number(16), number(20))
    }

    @Test(arguments: [300, 600, 1200, 2400])
    func isAPNGOfTheSizeThatWasAsked(width: Int) throws {
        let png = try #require(Self.chart().png(width: width))
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        #expect(Self.size(png) == (width, width * 630 / 1200))
    }

    @Test func sizesBeyondReasonAreBrought() throws {
        #expect(Self.size(try #require(Self.chart().png(width: 1_000_000))).width == 2400)
        #expect(Self.size(try #require(Self.chart().png(width: -1))).width == 300)
    }

    @Test func theSameChartGivesTheSameBytes() {
        #expect(Self.chart().png() == Self.chart().png())
    }

    @Test func whatItShowsChangesThePicture() {
        let plain = Self.chart().png()
        var other = Self.chart()
        other.readings[100].value += 30
        #expect(other.png() != plain)
        other = Self.chart()
        other.moments = []
        #expect(other.png() != plain)
        #expect(Self.chart(title: "Bin full").png() != plain)
    }

    @Test(arguments: ["nothing", "one reading", "a flat line", "no number", "a word without end", "control characters"])
    func drawsWhateverItIsGiven(_ what: String) throws {
        var chart = Self.chart(readings: 0)
        switch what {
        case "one reading": chart.readings = [.init(atMs: Self.start, value: 3)]
        case "a flat line":
            chart.readings = (0..<9).map { .init(atMs: Self.start + $0 * 60_000, value: 0) }
        case "no number":
            chart.readings = [.init(atMs: Self.start, value: .nan), .init(atMs: Self.start + 1, value: .infinity)]
            chart.threshold = .nan
        case "a word without end": chart.title = String(repeating: "Ж", count: 9_000)
        case "control characters": chart.subtitle = "a\0b\u{1B}[31m\n\u{FFFF}🗑"
        default: break
        }
        #expect(try #require(chart.png(width: 300)).count > 500)
    }
}
