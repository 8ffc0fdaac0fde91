internal import GRDB
internal import Readings

/// The readings and quarantined messages of a database, as the street knows them.
struct StoredFacts {
    private var counts: [Fact: Int] = [:]
    private var quarantine: [String: Int] = [:]
    /// Sensors that were admitted.
    private var sensors: Set<String> = []

    var readings: Int { counts.values.reduce(0, +) }
    var quarantined: Int { quarantine.values.reduce(0, +) }

    /// - Parameter mirror: knows the readings that have gone from the log into the history.
    init(_ db: Database, _ mirror: StreamMirror) throws {
        sensors = try String.fetchSet(db, sql: "SELECT id FROM sensor")
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT id, quantity, observed_at, value FROM reading JOIN sensor ON sensor.number = reading.sensor")
        while let row = try rows.next() {
            let number: UInt8 = row[1]
            guard let quantity = Quantity(rawValue: number) else { throw Violation("quantity \(number) in the store") }
            let fact = Fact(sensor: row[0], quantity: quantity, mark: quantity == .generic ? 0 : row[2], value: row[3])
            counts[fact, default: 0] += 1
        }
        let ids = try String.fetchAll(db, sql: "SELECT id FROM sensor ORDER BY number")
        for (sensor, reading) in try mirror.trimmed(db) {
            let mark = reading.quantity == .generic ? 0 : reading.observedAtMs
            let fact = Fact(sensor: ids[sensor.int], quantity: reading.quantity, mark: mark, value: reading.value)
            counts[fact, default: 0] += 1
        }
        for row in try Row.fetchAll(db, sql: "SELECT topic, CAST(payload AS TEXT) AS text FROM quarantine") {
            quarantine[row["text"], default: 0] += 1
        }
    }

    /// Each of the message's measurements is there once; or the message is in quarantine, where that is its place.
    func contain(_ message: StreetMessage, allowList: Bool) throws(Violation) {
        let belongsToQuarantine =
            message.measurements.isEmpty
            || (allowList && !message.measurements.allSatisfy { sensors.contains($0.sensor) })
        if belongsToQuarantine {
            return try promise(quarantine[message.payload] != nil, "not in quarantine: \(message.payload)")
        }
        for fact in message.measurements {
            let count = counts[fact] ?? 0
            try promise(
                count == 1,
                "stored \(count) times instead of once: \(fact); of this sensor there are "
                    + counts.filter { $0.key.sensor == fact.sensor }.map {
                        "\($0.key.mark) \($0.key.quantity.name) \($0.key.value)"
                    }
                    .sorted().joined(separator: ", "))
        }
    }

    /// Nothing is there that nobody sent, or oftener than it was delivered.
    func holdNothingElse(brokers: [SimulatedBroker], allowList: Bool) throws(Violation) {
        var sent: Set<Fact> = []
        var deliveries: [String: Int] = [:]
        for broker in brokers {
            for (number, message) in broker.accepted.enumerated() {
                sent.formUnion(message.measurements)
                deliveries[message.payload, default: 0] += broker.deliveries[number] ?? 0
            }
        }
        for fact in counts.keys where !sent.contains(fact) { throw Violation("stored, but never sent: \(fact)") }
        for (payload, count) in quarantine {
            let times = deliveries[payload] ?? 0
            try promise(
                count <= times, "\(count) times in quarantine, but \(times) times delivered: \(payload)")
        }
    }
}
