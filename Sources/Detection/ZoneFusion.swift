public import Readings

/// What the sensors of one pipe zone know together and none of them alone.
///
/// Two pressure sensors of a zone share what its inlet does; their difference is some ten times steadier than either.
/// Water that flows through the zone bends it by the friction of the pipes, and how far is learned:
///
/// ```
///   eᵢ = rᵢ − median(r of the others)      rᵢ: pressure, less its time of week
///   eᵢ ≈ γᵢ x                              x: flow¹·⁸⁵, less its time of week (Hazen–Williams)
/// ```
/// From that follow
/// - a **pressure sensor that drifts**: `eᵢ − γᵢ x` leaves zero by a metre, and it is this sensor that has moved, not
///   the others; a fall counts only while no leak pulls it down;
/// - **agreement**: a leak that the flow tells of, for pressure sensors that would not open by themselves;
/// - **weather**: noise loggers that rise together, contacts that get wet together.
///
/// A pure value that belongs to the zone: each member's evidence goes in, in stream order, and each member asks for its
/// view.
///
/// - Complexity: O(members) a reading; nothing is allocated. Memory: 0.12 kB a member.
/// - Source: head loss: Williams & Hazen, Hydraulic Tables (1905); residuals between sensors: Pérez et al., Control
///   Engineering Practice 19 (2011).
public struct ZoneFusion: Sendable, Equatable, StateCodable {
    private var members: [Member] = []
    /// Flow¹·⁸⁵ against its time of week, in the scale of mean flow: now, and its mean over a day.
    private var load = 0.0
    private var dayLoad = 0.0
    private var loadMs = Int64.min / 2
    private var isLeaking = false

    public init() {}

    /// Takes what a member has just found out.
    ///
    /// - Parameter scratch: A buffer without meaning, the caller's, so that nothing is allocated once it has grown.
    public mutating func observe(_ evidence: ZoneEvidence, from sensor: SensorIndex, scratch: inout [Double]) {
        let index = place(sensor, evidence.quantity)
        members[index].atMs = evidence.atMs
        members[index].isQuiet = evidence.isQuiet
        switch evidence.quantity {
        case .flow: observeFlow(evidence)
        case .pressure: observePressure(index, evidence, &scratch)
        default: members[index].residual = evidence.residual
        }
    }

    /// What the zone tells this member. A sensor that measures several things is a member with each of them.
    ///
    /// - Parameter scratch: As for ``observe(_:from:scratch:)``.
    public func view(
        of sensor: SensorIndex, _ quantity: Quantity, atMs: Int64, scratch: inout [Double]
    ) -> ZoneView {
        guard let index = index(of: sensor, quantity) else { return ZoneView() }
        var view = ZoneView()
        switch members[index].quantity {
        case .flow:
            break
        case .pressure:
            view.isDrifting = members[index].isDrifting
            view.isLeaking = isLeaking
            view.hasFlow = members.contains { $0.quantity == .flow }
            view.fault = members[index].fault(dayLoad)
        default:
            view.neighbours = neighbours(of: index, atMs: atMs, &scratch)
        }
        return view
    }

    public mutating func code(_ coder: inout StateCoder) {
        let count = coder.codeCount(members.count)
        let fresh = Member(sensor: SensorIndex(rawValue: 0), quantity: .generic)
        if coder.isReading { members = Array(repeating: fresh, count: count) }
        for index in members.indices { coder.code(&members[index]) }
        coder.code(&load)
        coder.code(&dayLoad)
        coder.code(&loadMs)
        coder.code(&isLeaking)
    }

    // MARK: Flow and pressure

    /// A pressure sensor that is off by this has drifted, m: several times what a leak does between two sensors.
    private static let driftMetres = 1.0

    private mutating func observeFlow(_ evidence: ZoneEvidence) {
        let scale = max(abs(evidence.scale), 1e-9)
        load = Self.power(evidence.value / scale) - Self.power((evidence.value - evidence.residual) / scale)
        dayLoad += Member.dailyRate * (load - dayLoad)
        loadMs = evidence.atMs
        isLeaking = evidence.isLeak
    }

    private static func power(_ flow: Double) -> Double {
        // x¹·⁸⁵ without the mathematics library: between x^1.75 and x^2, within 1 % for flows up to four times the mean.
        let x = max(flow, 0)
        let root = x.squareRoot().squareRoot()
        return 0.6 * x * x / max(root, 1e-9) + 0.4 * x * x
    }

    private mutating func observePressure(_ index: Int, _ evidence: ZoneEvidence, _ scratch: inout [Double]) {
        members[index].residual = evidence.residual
        members[index].dayResidual += Member.dailyRate * (evidence.residual - members[index].dayResidual)
        scratch.removeAll(keepingCapacity: true)
        var areQuiet = true
        for other in members.indices where isFreshPressure(other, beside: index, atMs: evidence.atMs) {
            scratch.append(members[other].residual)
            areQuiet = areQuiet && members[other].isQuiet
        }
        guard !scratch.isEmpty else { return }
        let common = scratch.selectMedian()
        scratch.removeAll(keepingCapacity: true)
        for other in members.indices where isFreshPressure(other, beside: index, atMs: evidence.atMs) {
            scratch.append(members[other].dayResidual)
        }
        let commonDay = scratch.selectMedian()
        let hasLoad = evidence.atMs - loadMs < 30 * minuteMs
        let isQuiet = evidence.isQuiet && !isLeaking && areQuiet
        members[index].learn(evidence.residual - common, load: hasLoad ? load : 0, dayLoad: dayLoad, isQuiet: isQuiet)
        members[index].judge(commonDay: commonDay, dayLoad: dayLoad, limit: Self.driftMetres, isLeaking: isLeaking)
    }

    private func isFreshPressure(_ other: Int, beside index: Int, atMs: Int64) -> Bool {
        other != index && members[other].quantity == .pressure && atMs - members[other].atMs < 30 * minuteMs
    }

    // MARK: Noise

    /// What ``ZoneView/neighbours`` says.
    private func neighbours(of index: Int, atMs: Int64, _ scratch: inout [Double]) -> Double? {
        let quantity = members[index].quantity
        // A contact's word holds until its next, which may be a day away; what was heard at night is of that night.
        let freshMs = quantity == .wetness ? 25 * hourMs : 3 * hourMs
        scratch.removeAll(keepingCapacity: true)
        for (other, member) in members.enumerated()
        where other != index && member.quantity == quantity && atMs - member.atMs < freshMs {
            scratch.append(member.residual)
        }
        if quantity == .wetness {
            return scratch.count < 2 ? nil : scratch.reduce(0, +) / Double(scratch.count)
        }
        // The quietest quarter: a leak that half of the loggers hear is no storm.
        return scratch.count < 3 ? nil : scratch.select(scratch.count / 4)
    }

    private mutating func place(_ sensor: SensorIndex, _ quantity: Quantity) -> Int {
        if let index = index(of: sensor, quantity) { return index }
        members.append(Member(sensor: sensor, quantity: quantity))
        return members.count - 1
    }

    private func index(of sensor: SensorIndex, _ quantity: Quantity) -> Int? {
        members.firstIndex { $0.sensor == sensor && $0.quantity == quantity }
    }
}

extension ZoneFusion {
    /// One sensor of the zone.
    private struct Member: Sendable, Equatable, StateCodable, BitwiseCopyable {
        /// The weight of a quarter of an hour in a mean over a day.
        static let dailyRate = 1.0 / 96

        private(set) var sensor: SensorIndex
        private(set) var quantity: Quantity
        var atMs = Int64.min / 2
        var isQuiet = false
        /// Now, and its mean over a day: against its own time of week.
        var residual = 0.0, dayResidual = 0.0
        /// Against the others: its mean over a day and over three hours.
        var dayExcess = 0.0, recentExcess = 0.0
        /// Regression of the excess on the load, forgetting over four weeks.
        private var loads = 1e-3, products = 0.0
        /// Mean distance of the daily mean from what the load explains.
        private var spread = 0.0
        private var quarters = 0
        private(set) var isDrifting = false

        init(sensor: SensorIndex, quantity: Quantity) { (self.sensor, self.quantity) = (sensor, quantity) }

        var slope: Double { products / loads }
        var sigma: Double { 1.2533 * spread }
        /// Ten days of quarters.
        var isTrained: Bool { quarters >= 960 }

        func fault(_ dayLoad: Double) -> Double { dayExcess - slope * dayLoad }

        mutating func learn(_ excess: Double, load: Double, dayLoad: Double, isQuiet: Bool) {
            let off = excess - slope * load
            dayExcess += Self.dailyRate * (excess - dayExcess)
            recentExcess += 8 * Self.dailyRate * (off - recentExcess)
            let distance = abs(fault(dayLoad))
            // Once the day's mean has left what is known, it is no longer something to learn from.
            guard isQuiet, !isDrifting, !isTrained || distance < max(0.2, 4 * sigma) else { return }
            quarters = min(quarters + 1, 1_000_000)
            let memory = 1 - 1.0 / 2688
            loads = memory * loads + load * load
            products = memory * products + load * excess
            spread += max(1.0 / 1344, 1 / Double(quarters)) * (distance - spread)
        }

        mutating func judge(commonDay: Double, dayLoad: Double, limit: Double, isLeaking: Bool) {
            let off = fault(dayLoad)
            if isDrifting {
                // Set right again: then the day's mean is of the past.
                if abs(recentExcess) < limit / 2 {
                    isDrifting = false
                    dayExcess = recentExcess
                    dayResidual = residual
                }
                return
            }
            let isFar = abs(off) >= max(limit, 8 * sigma) && isTrained
            // It is this one that has left its time of week, and in the direction in which it left the others.
            let isOwn = abs(dayResidual) >= 2 * abs(commonDay) && (dayResidual > 0) == (off > 0)
            isDrifting = isFar && isOwn && (off > 0 || !isLeaking)
        }

        mutating func code(_ coder: inout StateCoder) {
            var number = sensor.rawValue
            coder.code(&number)
            sensor = SensorIndex(rawValue: number)
            coder.code(&quantity)
            coder.code(&atMs)
            coder.code(&isQuiet)
            coder.code(&residual)
            coder.code(&dayResidual)
            coder.code(&dayExcess)
            coder.code(&recentExcess)
            coder.code(&loads)
            coder.code(&products)
            coder.code(&spread)
            coder.code(&quarters)
            coder.code(&isDrifting)
        }
    }
}

/// What one sensor tells its zone.
public struct ZoneEvidence: Sendable, Equatable, BitwiseCopyable {
    public var quantity: Quantity
    public var atMs: Int64
    /// The value, and how far it lies from its time of week; for noise, how many σ this night lies above the nights.
    public var value: Double, residual: Double
    /// The mean of the quantity.
    public var scale: Double
    /// Whether the sensor sees a leak by itself.
    public var isLeak: Bool
    /// Whether nothing is amiss with it: then it may be learned from.
    public var isQuiet: Bool

    public init(
        quantity: Quantity, atMs: Int64, value: Double, residual: Double, scale: Double, isLeak: Bool, isQuiet: Bool
    ) {
        self.quantity = quantity
        self.atMs = atMs
        self.value = value
        self.residual = residual
        self.scale = scale
        self.isLeak = isLeak
        self.isQuiet = isQuiet
    }
}

/// What a zone tells one of its sensors.
public struct ZoneView: Sendable, Equatable, BitwiseCopyable {
    /// The others contradict this sensor, for good: it has drifted.
    public var isDrifting = false
    /// The zone's flow tells of a leak.
    public var isLeaking = false
    /// The zone has a flow meter: pressure alone then opens nothing.
    public var hasFlow = false
    /// How far a pressure sensor is off its neighbours, m of water.
    public var fault = 0.0
    /// For noise: how far the quietest quarter of the others has risen this night, in σ. For contacts: the share of the
    /// others that are wet. Nil if too few are heard.
    public var neighbours: Double?

    public init() {}
}
