import Backtest
import Readings
import Testing

@Suite struct LabelledSetTests {
    private let sensors = """
        sensor_id,kind,group,lat,lon,zone,tz,step_s,metrics,eval_from,eval_to,attrs
        s0,water-leak,water-dma,1,2,z,Europe/Berlin,900,flow_m3h,2026-05-01T00:00:00Z,2026-06-01T00:00:00Z,"{""real"":true}"
        s1,traffic,nab,1,2,,,300,speed_mph,2026-05-01T00:00:00Z,2026-06-01T00:00:00Z,"{""nab_file"":""realTraffic/x.csv""}"

        """

    private func read(_ labels: String, sensors: String? = nil) throws -> LabelledSet {
        let sensors = Array((sensors ?? self.sensors).utf8)
        return try LabelledSet(sensorsCSV: sensors.span, labelsJSON: Array(labels.utf8))
    }

    @Test func readsSensorsAndLabelsWithTheirDefaults() throws {
        let set = try read(
            """
            {"version":1,"labels":[
            {"sensor_id":"s0","kind":"water-leak","start":"2026-05-02T00:00:00Z","end":"2026-05-03T00:00:00Z","type":"leak",
             "class":"event","event_id":"E"},
            {"sensor_id":"gone","start":"2026-05-02T00:00:00Z","end":"2026-05-03T00:00:00Z","type":"leak","event_id":"F"},
            {"sensor_id":"s1","start":"2026-05-02T00:00:00Z","end":"2026-05-03T00:00:00Z","type":"nab_window","event_id":"G",
             "pre":60,"post":30.5,"grace_after":3600,"optional":true,"event_start":"2026-05-01T23:00:00Z",
             "nab_window":["2026-05-02T00:00:00Z","2026-05-03T00:00:00Z"]}]}
            """)
        #expect(set.sensors.map(\.group) == ["water-dma", "nab"])
        #expect(set.sensors[0].sensor.timeZone == "Europe/Berlin")
        #expect(set.sensors.map(\.nabFile) == [nil, "realTraffic/x.csv"])
        #expect(set.labels.count == 2)
        #expect((set.labels[0].preMs, set.labels[0].postMs, set.labels[0].class) == (900_000, 0, .event))
        let second = set.labels[1]
        #expect((second.preMs, second.postMs, second.graceAfterMs) == (60_000, 30_500, 3_600_000))
        #expect(second.isOptional)
        #expect(second.eventStartMs == second.startMs - 3_600_000)
        #expect(second.nabWindowMs == second.startMs...second.endMs)
        #expect(set.limited(toGroups: "nab").labels.map(\.sensor) == [0])
    }

    @Test(arguments: [
        (#"{"labels":[{"sensor_id":"s0","start":"x","end":"y","type":"t","event_id":"E"}]}"#, "label 1: its times"),
        (#"{"labels":[{"sensor_id":"s0"}]}"#, "start is missing"),
        ("[]", "must be {\"labels\""),
        ("not JSON", "must be {\"labels\""),
    ]) func saysWhatIsWrongWithLabels(_ labels: String, _ words: String) throws {
        let error = try #require(throws: SetError.self) { try read(labels) }
        #expect(error.file == "labels.json")
        #expect("\(error)".contains(words), "\(error)")
    }

    @Test func saysWhatIsWrongWithSensors() throws {
        let none = try #require(throws: SetError.self) { try read("{}", sensors: "sensor_id,kind\ns0,traffic\n") }
        #expect("\(none)".contains("eval_from"))
        let bad = try #require(throws: SetError.self) {
            try read("{}", sensors: sensors.replacing("2026-06-01T00:00:00Z", with: "soon"))
        }
        #expect(bad.problems.count == 2)
    }

    @Test func readsWhenBinsGotFull() throws {
        let json = #"{"bins":{"b":{"collections":["2026-05-01T00:00:00Z"],"cross85":[]}}}"#
        let truth = try BinTruth(json: Array(json.utf8))
        #expect(truth.bins["b"]?.collectionsMs == [Sets.start])
        #expect(throws: SetError.self) { try BinTruth(json: Array(json.replacing("00:00Z", with: "").utf8)) }
    }
}
