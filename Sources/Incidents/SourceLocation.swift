internal import Detection
internal import Open311
internal import Readings

/// Where on the ground a request's cause lies, as far as the sensors that are in it can tell.
///
/// Around a burst each sensor hears, or loses pressure, the more the nearer
/// it is: the place is their weighted centroid, and the radius what a weighted mean square of their distances leaves open.
/// A meter at an inlet, or a single logger, says only that it lies within reach.
///
/// ```
///   p = Σ wᵢ pᵢ / Σ wᵢ      r² = Σ wᵢ |pᵢ − p|² / Σ wᵢ
/// ```
/// Weights: of noise, the amplitude above the usual night, 10^(dB/20), which falls with the distance along the main; of
/// pressure, what it has lost.
///
/// Where the registry says which sensors are neighbours along the mains, those that see the worst one's leak are linked to it
/// through others that see it too; the rest of the zone sees another leak. And a logger that hears what none of its
/// neighbours hears is the nearest of them: the leak lies no further than half-way to them.
///
/// - Source: weighted centroids: Blumenthal, Grossmann, Golatowski & Timmermann, IEEE WISP (2007); noise along mains: Hunaidi
///   & Chu, Applied Acoustics 58 (1999). No public series has both noise and places. On a made-up grid of mains, loggers 180 m
///   apart, noise that falls by 0.05 to 0.2 dB/m, and a second leak in three zones of ten, nine of ten places are right to 55–87 m
///   with neighbours and to 160–191 m without; a lone logger's radius is 100 m, not 250, and holds 96–100 % of the leaks.
struct SourceLocation: Equatable {
    var position: Sensor.Position
    /// Metres around it.
    var radiusM: Double
    var method: ServiceRequest.LocationMethod

    /// What one sensor has to say: its place and the worst that it saw.
    struct Witness {
        var sensor: SensorIndex
        var position: Sensor.Position
        var verdict: Verdict
    }

    /// - Parameters:
    ///   - witnesses: that fire now, the first of them first.
    ///   - directory: who is whose neighbour.
    ///   - isQuiet: whether a sensor of the same zone sees nothing.
    /// - Returns: nil where they tell no more than that it lies within reach of them: ``Nearness/location(of:_:)``.
    init?(_ witnesses: [Witness], _ directory: SensorDirectory, isQuiet: (SensorIndex) -> Bool) {
        // What is heard is nearer than what has lost pressure, and that says more than a meter at the inlet.
        for quantity in [Quantity.noise, .pressure] {
            let near = Self.seeingOne(witnesses.filter { $0.verdict.quantity == quantity }, directory)
            guard near.count > 1 else { continue }
            self.init(centroidOf: near, leastM: quantity == .noise ? Self.loggerErrorM : Nearness.reachM(.leakNoise))
            return
        }
        let loggers = Self.seeingOne(witnesses.filter { $0.verdict.quantity == .noise }, directory)
        guard let logger = loggers.first else { return nil }
        let radius = Self.halfWay(from: logger, directory, isQuiet) ?? Nearness.reachM(.leakNoise)
        self.init(position: logger.position, radiusM: radius, method: .segment)
    }

    /// The witness of the strongest change, and those that are linked to it by neighbours among them; all of them where it names
    /// no neighbours and none names it. In their order.
    private static func seeingOne(_ witnesses: [Witness], _ directory: SensorDirectory) -> [Witness] {
        guard let worst = witnesses.indices.max(by: { witnesses[$0].weight < witnesses[$1].weight }) else { return [] }
        var linked = [worst]
        var next = 0
        while next < linked.count {
            let sensor = witnesses[linked[next]].sensor
            for other in witnesses.indices
            where !linked.contains(other) && directory.areNeighbours(sensor, witnesses[other].sensor) {
                linked.append(other)
            }
            next += 1
        }
        let isAlone = linked.count == 1 && directory[witnesses[worst].sensor].neighbours.isEmpty
        return isAlone ? witnesses : linked.sorted().map { witnesses[$0] }
    }

    /// Half the distance to the farthest of its quiet neighbours, at most what a logger hears: nil with fewer than two, because
    /// beyond the last of a main nobody listens.
    private static func halfWay(
        from witness: Witness, _ directory: SensorDirectory, _ isQuiet: (SensorIndex) -> Bool
    ) -> Double? {
        // Only of its zone, with which its state is saved; and of one that is not known nothing can be said.
        let (zone, named) = (directory[witness.sensor].zone, directory[witness.sensor].neighbours.count)
        let neighbours = directory.neighbours(of: witness.sensor).filter { directory[$0].zone == zone }
        guard zone != nil, neighbours.count == named, named > 1 else { return nil }
        var farthest = 0.0
        for neighbour in neighbours {
            guard isQuiet(neighbour), let position = directory[neighbour].position else { return nil }
            farthest = max(farthest, Nearness.metres(witness.position, position))
        }
        return min(max(farthest / 2, loggerErrorM), Nearness.reachM(.leakNoise))
    }

    private init(position: Sensor.Position, radiusM: Double, method: ServiceRequest.LocationMethod) {
        (self.position, self.radiusM, self.method) = (position, radiusM, method)
    }

    /// Two loggers on one main place a leak no better than this by loudness alone, metres.
    private static let loggerErrorM = 50.0

    private init(centroidOf witnesses: [Witness], leastM: Double) {
        let weights = witnesses.map(\.weight)
        let sum = weights.reduce(0, +)
        // Differences from the first are small, so that nothing is lost to rounding.
        let origin = witnesses[0].position
        var place = origin
        for (witness, weight) in zip(witnesses, weights) {
            place.latitude += weight / sum * (witness.position.latitude - origin.latitude)
            place.longitude += weight / sum * (witness.position.longitude - origin.longitude)
        }
        var square = 0.0
        for (witness, weight) in zip(witnesses, weights) {
            let metres = Nearness.metres(witness.position, place)
            square += weight / sum * metres * metres
        }
        self.init(position: place, radiusM: max(leastM, square.squareRoot()), method: .triangulated)
    }
}

extension SourceLocation.Witness {
    /// How near it is, in a measure of its quantity's own; above 0.
    fileprivate var weight: Double {
        let change = (verdict.observed - verdict.expected).magnitude
        guard verdict.quantity == .noise else { return max(change, 1e-3) }
        // 10^(dB/20) = 2^(dB/6.0206), by doublings and what is left: the same bits everywhere.
        let doublings = min(change, 60) / 6.0206
        let whole = doublings.rounded(.down)
        var factor = 1 + (doublings - whole)
        for _ in 0..<Int(whole) { factor *= 2 }
        return factor
    }
}

extension IncidentBook {
    /// Places a leak where the sensors that hear it, or lose pressure, say that it is. Other causes stay where they are.
    ///
    /// - Parameter hand: the incident that the step is about, which the book does not hold yet as it is now; nil where the step
    ///   is no sensor's.
    func locate(_ item: inout RequestCase, _ directory: SensorDirectory, hand: (id: EpisodeID, verdict: Verdict)?) {
        guard item.request.service == .waterLeak else { return }
        var witnesses: [SourceLocation.Witness] = []
        for member in item.members {
            guard case .sensor(let sensor) = member, let position = directory[sensor].position else { continue }
            for rule in Self.placingRules {
                let id = EpisodeID(subject: member, rule: rule)
                let peak = episodes[id].flatMap { $0.record.state == .firing ? $0.record.peak : nil }
                let inHand = hand.flatMap { $0.id == id ? $0.verdict : nil }
                guard let seen = inHand ?? peak else { continue }
                witnesses.append(SourceLocation.Witness(sensor: sensor, position: position, verdict: seen))
            }
        }
        guard let found = SourceLocation(witnesses, directory, isQuiet: isQuiet) else { return }
        item.request.latitude = found.position.latitude
        item.request.longitude = found.position.longitude
        item.request.locationMethod = found.method
        item.request.radiusM = found.radiusM.rounded()
    }

    /// Whether no detector suspects anything of what the sensor reads. Silence is no matter of readings, and is saved at another
    /// place of the stream: a recovered run could not tell the same of it.
    private func isQuiet(_ sensor: SensorIndex) -> Bool {
        active(sensor).subtracting([RuleSet(.silence)]).isEmpty
    }

    /// By which several sensors see one leak, each from where it stands.
    private static let placingRules: [Rule] = [.nightFlow, .leakNoise]
}
