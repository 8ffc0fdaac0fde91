internal import GRDB
internal import Incidents
internal import IssueStorage
internal import Open311
internal import Readings

/// Makes a store of a ``ScaledCity`` through the product's own writer: each request as it was raised, and again as it ended.
struct ScaledStore {
    let directory: String
    let city: ScaledCity

    private static let requestsPerCommit = 2000

    func make() throws {
        let queue = try StoreDatabase(directory: directory, durability: .crash).open()
        defer { try? queue.close() }
        try queue.writeWithoutTransaction { db in
            let committer = try BatchCommitter(db, cursors: [])
            let keeper = try MeasureKeeper(db)
            try committer.commit([sensors()])
            try listen(db)
            for start in stride(from: 0, to: city.requests, by: Self.requestsPerCommit) {
                let batch = batch(start..<min(city.requests, start + Self.requestsPerCommit))
                try committer.commit([batch])
                if let refused = committer.refusedRows.first { throw WrongAnswer(refused) }
                try db.inTransaction {
                    while try keeper.settle(atMost: Self.requestsPerCommit) > 0 {}
                    return .commit
                }
                if start % 50_000 == 0 { try db.checkpoint(.truncate) }
            }
            try db.checkpoint(.truncate)
        }
    }

    private func batch(_ numbers: Range<Int>) -> CommitBatch {
        let batch = CommitBatch()
        for number in numbers {
            let (raised, settled) = city.request(number)
            for (state, line) in [(raised, 1), (settled, 2)] where line == 1 || settled.status == .closed {
                batch.requests.append(state)
                batch.updates.append(
                    RequestUpdate(
                        requestID: state.id, number: line, atMs: state.updatedAtMs, status: state.status,
                        text: state.statusNotes))
            }
        }
        return batch
    }

    private func sensors() -> CommitBatch {
        let batch = CommitBatch()
        for number in 0..<city.sensors {
            let ward = number % ScaledCity.wards
            var sensor = Sensor(id: "sensor-\(number)", kind: [.waterLeak, .traffic, .binFill][number % 3])
            let place = ScaledCity.position(ward: ward, place: number / ScaledCity.wards % 60)
            sensor.position = Sensor.Position(latitude: place.latitude, longitude: place.longitude)
            sensor.ward = ScaledCity.wardName(ward)
            batch.newSensors.append(
                CommitBatch.NewSensor(
                    sequence: Int64(number + 1), index: SensorIndex(rawValue: UInt32(number)), sensor: sensor))
        }
        return batch
    }

    private func listen(_ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO listening (sensor, first_at, last_at) SELECT number, ?, ? FROM sensor",
            arguments: [city.startMs, city.endMs])
    }
}
