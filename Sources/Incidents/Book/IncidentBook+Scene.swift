internal import Open311

extension IncidentBook {
    /// What a step needs beside the book itself.
    struct Scene {
        /// The daemon's time.
        var nowMs: Int64
        var directory: SensorDirectory
        var batch: CommitBatch
    }
}

extension IncidentBook.Scene {
    /// Makes a request's state public: a new `updated_datetime` and a line of its history.
    func publish(
        _ request: inout ServiceRequest, _ updates: inout Int, _ text: String, by author: UpdateAuthor
    ) {
        updates += 1
        // People's words may be met ahead of readings that had arrived before them.
        request.updatedAtMs = max(request.updatedAtMs, nowMs)
        batch.requests.append(request)
        batch.updates.append(
            RequestUpdate(
                requestID: request.id, number: updates, atMs: request.updatedAtMs, status: request.status, text: text,
                word: request.word, author: author))
    }

    func decide(_ event: Decision.Event, _ request: ServiceRequest, _ reason: String) {
        batch.decisions.append(
            Decision(
                event, atMs: nowMs, sensorID: request.sensorID, requestID: request.id, service: request.service,
                ward: request.ward, reason: reason))
    }
}
