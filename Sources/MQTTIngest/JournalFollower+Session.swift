internal import BrokerJournal
internal import Logging
package import Readings

extension JournalFollower {
    // MARK: - Sessions

    /// A session is about to begin, with nothing held: whatever is accounted for has been committed.
    package func sessionBegins() {
        precondition(!isBusy, "a session begins when all before it is done")
        ahead.removeAll()
        replayed.removeAll()
        settled.removeAll()
        do throws(JournalError) {
            let isFirst = accounted == nil
            try reader.open(after: accounted.map { [$0] } ?? stored)
            if !isAvailable || isFirst { noteOpened() }
            isAvailable = true
            (accounted, readEnd) = (reader.position, reader.position)
            if isFirst { try introduce() }
            try remember()
        } catch {
            lose(error)
        }
    }

    /// Makes us known to the broker as a reader, before it removes anything.
    private func introduce() throws(JournalError) {
        guard let accounted else { return }
        if stored.contains(accounted) { pushedPosition = accounted }
        try consumer.write(accounted)
        writtenPosition = accounted
    }

    /// Reads again what was accounted for last: the broker delivers those of it again that it had no acknowledgement for.
    private func remember() throws(JournalError) {
        guard let accounted else { return }
        if marks.older?.journal != accounted.journal { marks = (nil, nil) }
        var from = try reader.beginning(before: accounted, byBytes: 4 << 20)
        if let older = marks.older { from = older }
        guard from < accounted else { return }
        var recent: [MessageHash] = []
        var oldest = 0
        try reader.seek(to: from)
        while let place = reader.position, place < accounted {
            // Trouble here is old news: it was reported when this was read first.
            let step = try reader.next()
            if step == .nothing { break }
            guard step == .record else { continue }
            // The end of a segment comes before the beginning of the next: the record may lie behind us.
            guard reader.record.start < accounted else { break }
            let hash = reader.withMessage { topic, payload in
                matcher.matches(topic) ? MessageHash(topic: topic, payload: payload) : nil
            }
            guard let hash else { continue }
            if recent.count < Self.redeliveries {
                recent.append(hash)
            } else {
                recent[oldest] = hash
                oldest = (oldest + 1) % Self.redeliveries
            }
        }
        for hash in recent { settled.insert(hash) }
        try reader.seek(to: accounted)
    }

    /// Nothing has been delivered for a while and nothing is held: what the journal has beyond us is lost to the broker,
    /// and is replayed.
    ///
    /// - Returns: whether there is such; if not, no redelivery is expected any more either.
    package func replayRest(atMs now: Int64) -> Bool {
        guard !isBusy else { return true }
        if !isAvailable || accounted == nil {
            guard now >= nextOpenMs else { return false }
            nextOpenMs = now + 10_000
            sessionBegins()
        }
        do throws(JournalError) {
            guard isAvailable, let accounted else { return false }
            let end = try reader.end(after: accounted)
            tally.lagBytes = end.bytesAhead
            if accounted < end.position, exhausted != end.position { replayUntil = end.position }
        } catch {
            lose(error)
        }
        if isBusy { return true }
        replayed.removeAll()
        settled.removeAll()
        return false
    }

    /// Leaves the rest for the next run. Messages that are held are not acknowledged, and come again.
    func stop() {
        replayUntil = nil
    }

    // MARK: - Positions

    /// The position to be committed with the next batch, if it has moved.
    package var movedPosition: JournalPosition? { accounted == pushedPosition ? nil : accounted }

    /// Everything of ours before it has been pushed. Nil while there is no journal.
    package var accountedPosition: JournalPosition? { accounted }

    /// Everything pushed has been committed. Tells the broker now and then.
    func committed(atMs now: Int64) {
        committedPosition = pushedPosition
        guard let position = committedPosition, position != writtenPosition, now >= nextWriteMs else { return }
        nextWriteMs = now + 1000
        do throws(JournalError) {
            try consumer.write(position)
            writtenPosition = position
            tally.lagBytes = try reader.end(after: position).bytesAhead
        } catch {
            logger.warning("journal.consumer_unwritable", metadata: ["error": "\(error)"])
            nextWriteMs = now + 60_000
        }
    }

    // MARK: - Troubles

    /// Reading goes on behind what is missing, damaged or another journal's.
    func note(_ trouble: JournalTrouble) {
        tally.troubles[trouble.code, default: 0] += 1
        tally.skippedBytes += Int(clamping: trouble.skippedBytes)
        let metadata: Logger.Metadata = [
            "error": "\(trouble)", "code": "\(trouble.code.rawValue)",
            "segment": .stringConvertible(trouble.at.segment), "offset": .stringConvertible(trouble.at.offset),
            "skipped_bytes": .stringConvertible(trouble.skippedBytes),
        ]
        switch trouble.code {
        case .begunAnew: logger.warning("journal.begun_anew", metadata: metadata)
        case .missing: logger.error("journal.gap", metadata: metadata)
        case .damaged: logger.error("journal.damaged", metadata: metadata)
        }
        if trouble.next.journal != accounted?.journal {
            ahead.removeAll()
            replayUntil = nil
            marks = (nil, nil)
        }
        if ahead.isEmpty { account(upTo: trouble.next, isOurs: false) }
    }

    /// The journal can't be read: deliveries pass as they come, until the next session.
    func lose(_ error: JournalError) {
        ahead.removeAll()
        replayUntil = nil
        // The other positions stay: what was accounted for stays accounted for.
        readEnd = accounted
        if isAvailable {
            logger.error("journal.unavailable", metadata: ["error": "\(error)"])
            tally.failures += 1
        }
        isAvailable = false
    }

    private func noteOpened() {
        logger.info(
            "journal.opened",
            metadata: [
                "segment": .stringConvertible(accounted?.segment ?? reader.position?.segment ?? 0),
                "offset": .stringConvertible(accounted?.offset ?? reader.position?.offset ?? 0),
                "is_known": .stringConvertible(stored.contains { $0.journal == reader.position?.journal }),
            ])
    }
}
