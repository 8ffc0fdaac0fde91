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
/// - Source: weighted centroids: Blumenthal, Grossmann, Golatowski & Timmermann, IEEE WISP (2007); noise along mains: Hunaidi
///   & Chu, Applied Acoustics 58 (1999). How far off it is has not been measured: no public series has both.
struct SourceLocation: Equatable {
    var position: Sensor.Position
    /// Metres around it.
    var radiusM: Double
    var method: ServiceRequest.LocationMethod

    /// What one sensor has to say: its place and the worst that it saw.
    struct Witness {
        var position: Sensor.Position
        var verdict: Verdict
    }

    /// - Parameter witnesses: that fire now, the first of them first.
    /// - Returns: nil where they tell no more than that it lies within reach of them: ``Nearness/location(of:_:)``.
    init?(_ witnesses: [Witness]) {
        // What is heard is nearer than what has lost pressure, and that says more than a meter at the inlet.
        for quantity in [Quantity.noise, .pressure] {
            let near = witnesses.filter { $0.verdict.quantity == quantity }
            guard near.count > 1 else { continue }
            self.init(centroidOf: near, leastM: quantity == .noise ? Self.loggerErrorM : Nearness.reachM(.leakNoise))
            return
        }
        guard let logger = witnesses.first(where: { $0.verdict.quantity == .noise }) else { return nil }
        self.init(position: logger.position, radiusM: Nearness.reachM(.leakNoise), method: .segment)
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
            guard let position = directory.position(of: member) else { continue }
            for rule in Self.placingRules {
                let id = EpisodeID(subject: member, rule: rule)
                let peak = episodes[id].flatMap { $0.record.state == .firing ? $0.record.peak : nil }
                let inHand = hand.flatMap { $0.id == id ? $0.verdict : nil }
                guard let seen = inHand ?? peak else { continue }
                witnesses.append(SourceLocation.Witness(position: position, verdict: seen))
            }
        }
        guard let found = SourceLocation(witnesses) else { return }
        item.request.latitude = found.position.latitude
        item.request.longitude = found.position.longitude
        item.request.locationMethod = found.method
        item.request.radiusM = found.radiusM.rounded()
    }

    /// By which several sensors see one leak, each from where it stands.
    private static let placingRules: [Rule] = [.nightFlow, .leakNoise]
}
