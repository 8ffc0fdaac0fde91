import Incidents
import Open311
import Readings
import Simulation

extension StreamCommand {
    /// Somebody reports something near a sensor, or says something of a request that is stored; now and then the same
    /// command comes twice.
    static func random(_ number: UInt64, atMs: Int64, _ sensors: [Sensor], _ log: LogInMemory) -> StreamCommand {
        var random = SeededGenerator(seed: number)
        let ticket = random.nextUnit() < 0.05 ? 1 : Int64(number >> 2)
        let stored = log.requests.keys.sorted()
        if stored.isEmpty || random.nextUnit() < 0.5 {
            var command = StreamCommand(ticket: ticket, atMs: atMs, .report(report(&random, sensors)))
            command.ward = random.nextUnit() < 0.5 ? "Aston" : nil
            return command
        }
        // The newest are the likeliest, as with people.
        let last = stored.count - 1
        func pick() -> Int64 {
            stored[max(0, last - Int(random.nextUnit() * random.nextUnit() * Double(stored.count)))]
        }
        var update = UpdateSubmission(requestID: pick())
        let words: [UpdateWord?] = [nil, .inProgress, .fixed, .reopen, .closed, .notResponsible]
        update.word = words[random.next(in: 0..<words.count)]
        let verdicts: [StaffVerdict?] = [nil, nil, nil, .confirmed, .falseAlarm, .fixed]
        update.verdict = verdicts[random.next(in: 0..<verdicts.count)]
        if random.nextUnit() < 0.2 { update.duplicateOf = pick() }
        update.author = random.nextUnit() < 0.2 ? .person : .staff
        var command = StreamCommand(ticket: ticket, atMs: atMs, .update(update))
        command.known = [update.requestID, update.duplicateOf ?? update.requestID].compactMap { id in
            log.requests[id].map { KnownRequest(request: $0, lastUpdate: log.lastUpdates[id] ?? 0) }
        }
        return command
    }

    private static func report(_ random: inout SeededGenerator, _ sensors: [Sensor]) -> RequestSubmission {
        let sensor = sensors[random.next(in: 0..<sensors.count)]
        let service: ServiceCode =
            switch sensor.kind {
            case .waterLeak: .waterLeak
            case .traffic: .trafficAnomaly
            default: .binFull
            }
        var report = RequestSubmission(service: service, description: "Seen by somebody.")
        report.latitude = sensor.position.map { $0.latitude + random.nextUnit() * 0.002 }
        report.longitude = sensor.position?.longitude
        if random.nextUnit() < 0.2 { report.assetID = sensor.id }
        return report
    }
}
