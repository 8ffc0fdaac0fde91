import Metrics
import Telemetry
import Testing

@Suite struct MetricRegistryTests {
    private let registry = MetricRegistry(version: "1.2.3")

    /// The registry's text without the line about the build.
    private var text: String {
        let build = """
            # HELP sluice_build_info Always 1; its labels say what is running.
            # TYPE sluice_build_info gauge
            sluice_build_info{version="1.2.3"} 1

            """
        let all = registry.prometheusText()
        return all.split(separator: build, omittingEmptySubsequences: false).joined()
    }

    @Test func saysWhatIsRunning() {
        #expect(
            registry.prometheusText() == """
                # HELP sluice_build_info Always 1; its labels say what is running.
                # TYPE sluice_build_info gauge
                sluice_build_info{version="1.2.3"} 1

                """)
    }

    @Test func writesCountersSortedByNameAndLabels() {
        registry.describe("sluice_readings_total", "Readings taken.")
        Counter(label: "sluice_readings_total", dimensions: [("source", "b")], factory: registry).increment(by: 2)
        Counter(label: "sluice_readings_total", dimensions: [("source", "a")], factory: registry).increment()
        Counter(label: "sluice_quarantined_total", factory: registry).increment(by: 7)
        #expect(
            text == """
                # TYPE sluice_quarantined_total counter
                sluice_quarantined_total 7
                # HELP sluice_readings_total Readings taken.
                # TYPE sluice_readings_total counter
                sluice_readings_total{source="a"} 1
                sluice_readings_total{source="b"} 2

                """)
    }

    @Test func writesGaugesAsTheyWereLastSet() {
        let depth = Meter(label: "sluice_ring_depth", factory: registry)
        depth.set(10)
        depth.increment(by: 2.5)
        depth.decrement(by: 1)
        Gauge(label: "sluice_temperature", factory: registry).record(-3)
        FloatingPointCounter(label: "sluice_busy_seconds_total", factory: registry).increment(by: 0.25)
        #expect(
            text == """
                # TYPE sluice_busy_seconds_total counter
                sluice_busy_seconds_total 0.25
                # TYPE sluice_ring_depth gauge
                sluice_ring_depth 11.5
                # TYPE sluice_temperature gauge
                sluice_temperature -3

                """)
    }

    @Test func writesTimersAsHistogramsOfSeconds() {
        registry.describe("sluice_commit", "Time to commit one batch.")
        let timer = Timer(label: "sluice_commit", dimensions: [("mode", "full")], factory: registry)
        timer.recordMicroseconds(50)
        timer.recordMilliseconds(2)
        timer.recordMilliseconds(2)
        timer.recordMilliseconds(750)
        timer.recordSeconds(90)
        #expect(
            text == """
                # HELP sluice_commit_seconds Time to commit one batch.
                # TYPE sluice_commit_seconds histogram
                sluice_commit_seconds_bucket{mode="full",le="0.0001"} 1
                sluice_commit_seconds_bucket{mode="full",le="0.00025"} 1
                sluice_commit_seconds_bucket{mode="full",le="0.0005"} 1
                sluice_commit_seconds_bucket{mode="full",le="0.001"} 1
                sluice_commit_seconds_bucket{mode="full",le="0.0025"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.005"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.01"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.025"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.05"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.1"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.25"} 3
                sluice_commit_seconds_bucket{mode="full",le="0.5"} 3
                sluice_commit_seconds_bucket{mode="full",le="1"} 4
                sluice_commit_seconds_bucket{mode="full",le="2.5"} 4
                sluice_commit_seconds_bucket{mode="full",le="5"} 4
                sluice_commit_seconds_bucket{mode="full",le="10"} 4
                sluice_commit_seconds_bucket{mode="full",le="30"} 4
                sluice_commit_seconds_bucket{mode="full",le="60"} 4
                sluice_commit_seconds_bucket{mode="full",le="+Inf"} 5
                sluice_commit_seconds_sum{mode="full"} 90.75405
                sluice_commit_seconds_count{mode="full"} 5

                """)
    }

    /// What is recorded, and the bucket lines whose count differs from the line before.
    struct Recorded: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var values: [Double]
        var steps: [String]
        var sum: String
    }

    @Test(arguments: [
        Recorded(testDescription: "nothing", values: [], steps: [], sum: "0"),
        Recorded(testDescription: "a bound counts as within", values: [100], steps: ["100:1", "+Inf:1"], sum: "100"),
        Recorded(testDescription: "above a bound", values: [101.5], steps: ["200:1", "+Inf:1"], sum: "101.5"),
        Recorded(
            testDescription: "several", values: [1, 0.25, 3, 900_000], steps: ["1:2", "5:3", "1000000:4", "+Inf:4"],
            sum: "900004.25"),
        Recorded(testDescription: "beyond the bounds", values: [5e7], steps: ["+Inf:1"], sum: "50000000"),
        Recorded(testDescription: "below zero counts as zero", values: [-5], steps: ["1:1", "+Inf:1"], sum: "0"),
        Recorded(testDescription: "not a number is not recorded", values: [.nan], steps: [], sum: "0"),
        Recorded(
            testDescription: "infinity counts as the largest", values: [.infinity], steps: ["+Inf:1"],
            sum: "1000000000000"),
    ])
    func writesRecordersAsHistogramsOfAmounts(_ c: Recorded) {
        let recorder = Recorder(label: "sluice_batch_readings", factory: registry)
        for value in c.values { recorder.record(value) }
        var steps: [String] = []
        var last = "0"
        for line in text.split(separator: "\n") where line.contains("_bucket") {
            let bound = line.split(separator: "\"")[1]
            let count = String(line.split(separator: " ").last ?? "")
            if count != last || (bound == "+Inf" && count != "0") { steps.append("\(bound):\(count)") }
            last = count
        }
        #expect(steps == c.steps)
        #expect(text.contains("sluice_batch_readings_sum \(c.sum)\n"))
    }

    @Test func timesThatWouldOverflowStayFinite() {
        let timer = Timer(label: "sluice_wait_seconds", factory: registry)
        for _ in 0..<20_000 { timer.recordNanoseconds(.max) }
        #expect(text.contains("sluice_wait_seconds_bucket{le=\"+Inf\"} 20000\n"))
        #expect(text.contains("sluice_wait_seconds_sum 72000000\n"))
    }

    @Test func countsTheSameSeriesWhoeverAsks() {
        Counter(label: "sluice_a_total", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment()
        Counter(label: "sluice_a_total", dimensions: [("y", "2"), ("x", "1")], factory: registry).increment()
        let one = registry.makeTimer(label: "sluice_t", dimensions: [])
        let other = registry.makeTimer(label: "sluice_t_seconds", dimensions: [])
        #expect(one === other)
        #expect(text.contains("sluice_a_total{x=\"1\",y=\"2\"} 2\n"))
    }

    /// A label or dimension as given, and the line that comes of it.
    struct Name: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var label = "a_total"
        var dimensions: [(String, String)] = []
        var line: String
    }

    @Test(arguments: [
        Name(testDescription: "dots", label: "http.requests", line: "http_requests 1"),
        Name(testDescription: "a digit first", label: "4xx", line: "_4xx 1"),
        Name(testDescription: "nothing", label: "", line: "_ 1"),
        Name(testDescription: "a line feed in the name", label: "a\nb 1", line: "a_b_1 1"),
        Name(testDescription: "a quotation mark", dimensions: [("k", "a\"b")], line: #"a_total{k="a\"b"} 1"#),
        Name(testDescription: "a backslash", dimensions: [("k", #"C:\n"#)], line: #"a_total{k="C:\\n"} 1"#),
        Name(
            testDescription: "a forged line", dimensions: [("k", "x\"} 9\nb 1")], line: #"a_total{k="x\"} 9\nb 1"} 1"#),
        Name(testDescription: "a label's name", dimensions: [("a-b:c", "1")], line: #"a_total{a_b_c="1"} 1"#),
        Name(testDescription: "a label twice", dimensions: [("a", "1"), ("a", "2")], line: #"a_total{a="2"} 1"#),
        Name(testDescription: "umlauts", dimensions: [("ward", "Köln")], line: #"a_total{ward="Köln"} 1"#),
    ])
    func writesNamesAndLabelsThatPrometheusCanRead(_ name: Name) {
        Counter(label: name.label, dimensions: name.dimensions, factory: registry).increment()
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last.map(String.init) == name.line)
    }

    @Test func escapesHelp() {
        registry.describe("a_total", "one\ntwo \\ \"three\"")
        Counter(label: "a_total", factory: registry).increment()
        #expect(text.hasPrefix(#"# HELP a_total one\ntwo \\ "three""# + "\n# TYPE"))
    }

    @Test func losesNoCountBetweenThreads() async {
        let counter = Counter(label: "sluice_a_total", factory: registry)
        let seconds = FloatingPointCounter(label: "sluice_b_total", factory: registry)
        let timer = Timer(label: "sluice_c_seconds", factory: registry)
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        seconds.increment(by: 0.5)
                        timer.recordMilliseconds(1)
                    }
                }
            }
        }
        #expect(text.contains("sluice_a_total 40000\n"))
        #expect(text.contains("sluice_b_total 20000\n"))
        #expect(text.contains("sluice_c_seconds_count 40000\n"))
    }

    @Test func forgetsWhatIsDestroyed() {
        let counter = Counter(label: "sluice_a_total", factory: registry)
        counter.increment()
        counter.destroy()
        #expect(text == "")
    }

    @Test func countersOnlyGrow() {
        let counter = Counter(label: "sluice_a_total", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        #expect(text.contains("sluice_a_total 5\n"))
    }

    @Test func tellsPercentilesWithinOnePercent() throws {
        let timer = Timer(label: "sluice_commit_seconds", factory: registry)
        #expect(registry.percentile(50, of: "sluice_commit_seconds") == nil)
        for ms in 1...1000 { timer.recordMilliseconds(ms) }
        for (percent, expected) in [(50.0, 0.5), (99, 0.99), (100, 1)] {
            let found = try #require(registry.percentile(percent, of: "sluice_commit_seconds"))
            #expect(abs(found - expected) / expected < 0.01, "p\(percent)")
        }
    }

    @Test func trapsWhenOneNameHasTwoKinds() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = Counter(label: "sluice_a", factory: registry)
            _ = Meter(label: "sluice_a", factory: registry)
        }
    }

    // MARK: Looked up

    @Test func totalsAddUpTheSeriesThatHaveTheLabels() {
        let registry = MetricRegistry()
        for (broker, reason, count) in [("a", "x", 1), ("a", "y", 2), ("b", "x", 4)] {
            Counter(label: "c", dimensions: [("broker", broker), ("reason", reason)], factory: registry)
                .increment(by: count)
        }
        #expect(registry.total(of: "c") == 7)
        #expect(registry.total(of: "c", where: [("broker", "a")]) == 3)
        #expect(registry.total(of: "c", where: [("reason", "x")]) == 5)
        #expect(registry.total(of: "c", where: [("broker", "b"), ("reason", "y")]) == 0)
        #expect(registry.total(of: "nothing") == 0)
        Counter(label: "c", dimensions: [("broker", "a,b"), ("reason", "x")], factory: registry).increment(by: 8)
        #expect(registry.total(of: "c", where: [("broker", "a,b")]) == 8)
        #expect(registry.total(of: "c", where: [("broker", "b")]) == 4)
    }

    @Test func ofSeveralSeriesTheGreatestPercentileCounts() {
        let registry = MetricRegistry()
        for (broker, ms) in [("a", 10), ("b", 500)] {
            Metrics.Timer(label: "t_seconds", dimensions: [("broker", broker)], factory: registry).recordMilliseconds(
                ms)
        }
        let found = registry.percentile(50, ofAny: "t_seconds") ?? 0
        #expect(abs(found - 0.5) < 0.01)
        #expect(registry.percentile(50, ofAny: "nothing") == nil)
    }

    @Test func whatIsLookedUpIsLookedUpForEachText() {
        let registry = MetricRegistry()
        let gauge = Meter(label: "g", factory: registry)
        registry.beforeEachText { gauge.increment() }
        #expect(registry.prometheusText().contains("g 1\n"))
        #expect(registry.prometheusText().contains("g 2\n"))
    }
}
