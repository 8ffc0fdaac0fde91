extension Replay.Outcome {
    /// Without what was raised after its sensor's evaluation had ended: where a recording stops, every sensor falls silent,
    /// and that says nothing of the rules.
    public func evaluated(in set: LabelledSet) -> Replay.Outcome {
        var kept = self
        kept.incidents.removeAll { incident in
            guard let place = set.place(ofSensor: incident.sensorID) else { return false }
            return incident.openedAtMs > set.sensors[place].evaluateToMs
        }
        return kept
    }
}
