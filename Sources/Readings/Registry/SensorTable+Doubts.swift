extension SensorTable {
    /// What is most likely a mistake and keeps nothing from working: for whoever imports the file, not for a start that reads it.
    public var doubts: [Problem] {
        let ids = Set(sensors.map(\.id))
        var doubts: [Problem] = []
        for sensor in sensors {
            let line = places[sensor.id] ?? 1
            func doubt(_ text: String) { doubts.append(Problem(line: line, text: text, isFeature: isGeoJSON)) }
            let id = Array(sensor.id.utf8)
            if !Sensor.fitsTopicLevel(id.span) {
                doubt(
                    "sensor_id: \(sensor.id) holds /, + or #, which no level of a topic can carry: it is heard only by a "
                        + "route that takes the id from the payload, or puts it together of several levels")
            }
            if sensor.neighbours.contains(sensor.id) { doubt("neighbours: names the sensor itself") }
            let strangers = sensor.neighbours.filter { !ids.contains($0) }
            if !strangers.isEmpty {
                doubt("neighbours: no sensor of this file is \(strangers.joined(separator: " or "))")
            }
        }
        return doubts
    }
}
