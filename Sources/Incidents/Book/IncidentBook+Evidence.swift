internal import Detection
internal import Open311
internal import Readings

// What a request's changes are decided by.
extension IncidentBook {
    /// Keeps what `verdict` saw beside the public step that it has just led to.
    ///
    /// The rule's signature and the baseline are the caller's to add, who has the parameters and the detectors.
    func witness(_ item: RequestCase, _ event: EvidenceMark.Event, _ verdict: Verdict, _ context: Context) {
        context.batch.evidence.append(
            EvidenceMark(
                requestID: item.request.id, number: item.updates, event: event, atMs: context.nowMs,
                sensor: context.directory.representative(of: context.id.subject), verdict: verdict,
                fromMs: item.evidenceFromMs, confidence: item.request.confidence ?? .nan))
    }
}

extension RequestCase {
    /// Event time from which on readings belong to the request's evidence.
    var evidenceFromMs: Int64 {
        min(request.firstSeenMs, worst.onsetMs) - (Rule(name: request.detector)?.evidenceLeadMs ?? 0)
    }

    /// Puts what is known about the worst verdict's certainty and size into the request.
    mutating func weigh(sensorCount: Int) {
        request.confidence = worst.confidence(
            lastedMs: max(0, request.lastSeenMs - request.firstSeenMs), sensors: sensorCount)
        request.estimate = worst.rule.estimateName.flatMap { name in
            guard worst.estimate.isKnown else { return nil }
            return Estimate(
                name: name, value: worst.estimate.value, low: worst.estimate.low, high: worst.estimate.high)
        }
        request.forecastLowMs = worst.forecastMs == 0 ? nil : worst.forecastLowMs
        request.forecastHighMs = worst.forecastMs == 0 ? nil : worst.forecastHighMs
        request.evidenceFromMs = evidenceFromMs
        request.evidenceToMs = request.lastSeenMs
        // The chart that is drawn of its evidence.
        if request.mediaURL == nil { request.mediaURL = "/media/requests/\(request.id).png" }
    }
}
