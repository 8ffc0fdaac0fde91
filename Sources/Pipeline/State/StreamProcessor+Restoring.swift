internal import Detection
public import Incidents
internal import Readings

// Taking saved state over.
extension StreamProcessor {
    /// Takes over what the slices of one complete turn hold, before the log is met: then only what came after
    /// ``RestoreReport/sequence`` has to be met again. On a processor that has met nothing.
    ///
    /// If the report says that the state is not usable, the processor is as it was.
    public mutating func restore(_ slices: [StateSlice]) -> RestoreReport {
        var report = RestoreReport()
        guard let first = slices.first else { return report }
        precondition(sequence == 0 && lanes.isEmpty, "state is restored before anything is met")
        let before = self
        do throws(StateError) {
            restoring = StateRestoring(try takeApart(slices))
        } catch {
            self = before
            report.problem = error.description
            restoreReport = report
            return report
        }
        (report.isUsable, report.sequence, report.tickedAtMs) = (true, first.sequence, silence.tickedAtMs)
        report.slices = slices.count
        report.bytes = slices.reduce(0) { $0 + $1.bytes.count }
        restoreReport = report
        sequence = first.sequence
        saving.beganAtMs = silence.tickedAtMs
        saving.beganAt = first.sequence
        saving.isStill = slices.allSatisfy { $0.sequence == first.sequence }
        saving.bytes = Int64(report.bytes)
        return report
    }

    /// Checks that the slices are one whole turn, and reads what belongs to no sensor.
    private mutating func takeApart(_ slices: [StateSlice]) throws(StateError) -> [StateRestoring.Slice] {
        var found: [StateRestoring.Slice] = []
        var before = slices[0]
        for (number, slice) in slices.enumerated() {
            let isNext =
                slice.number == number && slice.turn == before.turn && slice.sequence >= before.sequence
                && slice.isLast == (number == slices.count - 1)
            guard isNext else { throw StateError(.incomplete, field: "slice \(number)") }
            let parts = try StateRestoring.Slice(slice) { codeShared(&$0) }
            guard (parts.family == .shared) == (number == 0) else {
                throw StateError(.incomplete, field: "slice \(number)")
            }
            if number > 0 { found.append(parts) }
            before = slice
        }
        return found
    }

    /// Installs the slices that hold nothing of `sequence` and what comes after.
    mutating func installSlices(before sequence: Int64) {
        while let slice = restoring?.next(before: sequence) { install(slice) }
    }

    /// Installs what is left, at the log's end.
    mutating func finishRestoring() {
        guard restoring != nil else { return }
        installSlices(before: .max)
        restoring = nil
    }

    private mutating func install(_ slice: StateRestoring.Slice) {
        sequence = max(sequence, slice.sequence)
        if slice.family == .people { return book.install(slice.kept) }
        let known = slice.sensors.filter { $0.index < lanes.count }
        var gateways: [Int: Int] = [:]
        var changed: Set<Int> = []
        if slice.family == .lanes {
            for (sensor, block) in known where installLane(sensor, slice.bytes, block)?.code == .changed {
                changed.insert(sensor)
            }
        } else {
            for (sensor, _) in known { watch(SensorIndex(rawValue: UInt32(sensor))) }
            for (sensor, block) in known {
                var coder = StateCoder(reading: slice.bytes, in: block)
                silence.code(SensorIndex(rawValue: UInt32(sensor)), &coder)
            }
            for (number, id, block) in slice.gateways {
                guard let today = directory.gateway(named: id) else { continue }
                gateways[number] = today
                var coder = StateCoder(reading: slice.bytes, in: block)
                silence.code(gateway: today, &coder)
            }
        }
        let count = lanes.count
        book.install(slice.share, directory: directory) { subject in
            switch subject {
            case .sensor(let sensor): sensor.int < count ? subject : nil
            case .gateway(let number): gateways[number].map { .gateway($0) }
            }
        } alike: { subject in
            if case .sensor(let sensor) = subject { !changed.contains(sensor.int) } else { true }
        }
    }

    private mutating func watch(_ sensor: SensorIndex) {
        silence.add(
            sensor, expectedIntervalS: directory[sensor].expectedIntervalS, gateway: directory.gateway(of: sensor),
            announcesDeath: directory[sensor].announcesDeath)
    }

    /// Returns why its detectors begin afresh, if they do.
    private mutating func installLane(_ sensor: Int, _ bytes: [UInt8], _ block: Range<Int>) -> StateError? {
        let fresh = lanes[sensor].monitor
        var coder = StateCoder(reading: bytes, in: block)
        let monitorProblem = lanes[sensor].code(&coder)
        if monitorProblem != nil { lanes[sensor].monitor = fresh }
        // Its place among others is the registry's, and no matter of what was saved.
        if coder.problem != nil {
            let zoneLane = lanes[sensor].zoneLane
            lanes[sensor] = SensorLane(monitor: fresh, zoneLane: zoneLane, holdsZone: zoneLane == sensor)
        }
        guard let problem = coder.problem ?? monitorProblem else {
            restoreReport.sensorsRestored += 1
            return nil
        }
        restoreReport.sensorsAfresh += 1
        restoreReport.firstReason =
            restoreReport.firstReason ?? "\(directory.sensors[sensor].id): \(problem.description)"
        return problem
    }
}
