internal import Detection
internal import Open311
internal import Readings

/// What counts as one thing: how far apart, and for how long.
enum Nearness {
    private static let day: Int64 = 86_400_000

    /// How far from one of its sensors people may see what a request of this rule is about, in metres.
    static func reachM(_ rule: Rule) -> Double {
        switch rule {
        // A meter at an inlet says that its zone loses water, not where: zones are about a kilometre across.
        case .nightFlow, .burst: 500
        // Leak noise carries 100 to 200 m along a metal main, and water surfaces further downhill.
        case .leakNoise: 250
        // A station stands for the stretch up to the next junction; the end of its queue may be beyond.
        case .congestion, .trafficDrop: 500
        case .binFull, .binFire, .binTilt, .binDumping, .binForecast, .meterNeverZero, .wetContact: reachOfAThingM
        case .silence, .gatewaySilence, .stuck, .implausible, .drift, .clock, .anomaly: reachOfAThingM
        }
    }

    /// How a request's position is known. A bin stands where its sensor does; what a meter or a counter tells of lies somewhere
    /// in its zone or stretch, and what several sensors tell of somewhere between them.
    ///
    /// - Returns: nil without a position; in metres, by how much it may be off, nil for as exact as the registry is.
    static func location(
        of item: RequestCase, _ directory: SensorDirectory
    ) -> (method: ServiceRequest.LocationMethod, radiusM: Double?)? {
        guard let latitude = item.request.latitude, let longitude = item.request.longitude else { return nil }
        let place = Sensor.Position(latitude: latitude, longitude: longitude)
        var farthest = 0.0
        for sensor in item.members.flatMap({ directory.sensors(of: $0) }) {
            guard let position = directory[sensor].position else { continue }
            farthest = max(farthest, metres(place, position))
        }
        let reach = reachM(item.worst.rule)
        let isStretch = reach > reachOfAThingM
        guard isStretch || farthest > 0 else { return (.sensor, nil) }
        return (.segment, (farthest + (isStretch ? reach : 0)).rounded(.up))
    }

    /// The thing itself, as exactly as a telephone knows its place between houses: some 10 to 30 m.
    private static let reachOfAThingM = 40.0

    /// How far apart two people may stand who report one thing, in metres; nil for services of which Sluice knows too
    /// little to say: two potholes 10 m apart are two potholes, and whoever closes the wrong one helps nobody.
    static func reachM(_ service: ServiceCode) -> Double? {
        switch service {
        case .waterLeak: 60
        case .trafficAnomaly: 250
        case .binFull: 40
        default: nil
        }
    }

    /// For how long a person's report speaks of what sensors meet, or another person reports, later.
    static func staysMs(_ service: ServiceCode) -> Int64 {
        switch service {
        // Nobody is sent for a seeping leak at once, and it seeps on.
        case .waterLeak: 14 * day
        // A jam of this morning is not that of tonight.
        case .trafficAnomaly: 2 * 3_600_000
        // Bins are emptied every few days.
        case .binFull: 3 * day
        default: 7 * day
        }
    }

    /// Metres between two places: on a plane that touches the earth there, good to a part in a thousand over a city.
    static func metres(_ one: Sensor.Position, _ other: Sensor.Position) -> Double {
        let metresPerDegree = 111_320.0
        let north = (one.latitude - other.latitude) * metresPerDegree
        let east = (one.longitude - other.longitude) * metresPerDegree * cosine(ofDegrees: one.latitude)
        return (north * north + east * east).squareRoot()
    }

    /// The cosine by Bhaskara's formula, right to 0.2 %: the same bits everywhere, and no mathematics library.
    private static func cosine(ofDegrees degrees: Double) -> Double {
        let square = degrees * degrees
        return max(0, (32_400 - 4 * square) / (32_400 + square))
    }
}

extension ServiceRequest {
    var position: Sensor.Position? {
        guard let latitude, let longitude else { return nil }
        return Sensor.Position(latitude: latitude, longitude: longitude)
    }
}

/// Where and what somebody reports, as far as it can be compared.
struct ReportedPlace {
    var service: ServiceCode
    var position: Sensor.Position?
    var address: String?
    var assetID: String?
    var sensorID: String?

    init(_ submission: RequestSubmission) {
        service = submission.service
        if let latitude = submission.latitude, let longitude = submission.longitude {
            position = Sensor.Position(latitude: latitude, longitude: longitude)
        }
        address = submission.address
        assetID = submission.assetID
        sensorID = submission.sensorID
    }

    init(_ request: ServiceRequest) {
        service = request.service
        position = request.position
        address = request.address
        assetID = request.assetID
        sensorID = request.sensorID.isEmpty ? nil : request.sensorID
    }

    /// How far it is from a sensor that saw something under `rule`, in metres: 0 for the same thing by name; nil when it
    /// is too far, or can't be said.
    func distance(to sensor: Sensor, rule: Rule) -> Double? {
        if let assetID { return assetID == sensor.asset || assetID == sensor.id ? 0 : near(sensor, rule) }
        if let sensorID, sensorID == sensor.id { return 0 }
        if position == nil, let address, let other = sensor.address { return address.isSamePlace(as: other) ? 0 : nil }
        return near(sensor, rule)
    }

    private func near(_ sensor: Sensor, _ rule: Rule) -> Double? {
        guard let position, let other = sensor.position else { return nil }
        let metres = Nearness.metres(position, other)
        return metres <= Nearness.reachM(rule) ? metres : nil
    }

    /// The same, to another person's report.
    func distance(to other: ReportedPlace) -> Double? {
        if let assetID, let otherAsset = other.assetID { return assetID == otherAsset ? 0 : nil }
        guard let reach = Nearness.reachM(service) else { return nil }
        if let position, let otherPosition = other.position {
            let metres = Nearness.metres(position, otherPosition)
            return metres <= reach ? metres : nil
        }
        guard let address, let otherAddress = other.address else { return nil }
        return address.isSamePlace(as: otherAddress) ? 0 : nil
    }
}

extension String {
    /// The same address but for case and blanks.
    fileprivate func isSamePlace(as other: String) -> Bool {
        func plain(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace && $0 != "," } }
        return plain(self) == plain(other)
    }
}
