internal import BrokerJournal
internal import Logging
package import Readings

extension JournalFollower {
    // MARK: - Sessions

    /// A session is about to begin, with nothing held: whatever is accounted for has been committed.
    package func sessionBegins() {
        precondition(!isBusy, "a session begins when all before it is done")
        ahead.removeAll()
        do throws(JournalError) {
            let isFirst = accounted == nil
            try reader.open(after: accounted.map { [$0] } ?? stored)
            (accounted, readEnd) = (reader.position, reader.position)
            // Attempts to connect, one after the other, have nothing new to remember.
            if remembered == nil || remembered != accounted { try remember() }
            if !isAvailable || isFirst { noteOpened() }
            unreadable = nil
            if isFirst { introduce() }
        } catch {
            lose(error)
        }
    }

    /// Looks again, every ten seconds, for a journal that could not be read. With nothing held, as ``sessionBegins()``.
    package func retry(atMs now: Int64) {
        guard !isAvailable, !isBusy, now >= nextOpenMs else { return }
        nextOpenMs = now + Self.retryMs
        sessionBegins()
    }

    /// Makes us known to the broker as a reader, before it removes anything.
    private func introduce() {
        guard let accounted else { return }
        if stored.contains(accounted) { pushedPosition = accounted }
        tellBroker(accounted)
    }

    /// Reads again what was accounted for last: the broker delivers those of it again that it had no acknowledgement for; and
    /// after its death all that was acknowledged since it last saved its queue.
    ///
    /// The shipped broker saves every minute, and may have died before the first save after an earlier restart: two minutes
    /// of broker time, then. But what was *accounted for* within them may have been *written* days before, when a long
    /// queue was drained, and no record says when it was accounted for. So the number is the bound: ``redeliveries`` records
    /// of ours, as many as the shipped broker queues, out of the last ``redeliveryBytes`` of the journal. Those hold
    /// the two minutes up to 8,000 messages a second; beyond that, only content tells what comes again.
    private func remember() throws(JournalError) {
        known.removeAll()
        aliveMs = 0
        guard let accounted else { return }
        for hash in try recentMessages(before: accounted) { known.insert(hash) }
        try reader.seek(to: accounted)
        remembered = accounted
    }

    private func recentMessages(before end: JournalPosition) throws(JournalError) -> [MessageHash] {
        var recent: [MessageHash] = []
        var oldest = 0
        let from = reader.beginning(before: end, byBytes: Self.redeliveryBytes)
        guard from < end else { return [] }
        try reader.seek(to: from)
        while let place = reader.position, place < end {
            switch try reader.next() {
            case .nothing: return recent
            // Gaps are old news: they were reported when this was read first. But never on into another journal.
            case .trouble(let trouble):
                if trouble.code == .begunAnew { return recent }
                continue
            case .record: break
            }
            // The end of a segment comes before the beginning of the next: the record may lie behind us.
            guard reader.record.start < end else { break }
            guard let hash = hashOfRecord() else { continue }
            if recent.count < Self.redeliveries {
                recent.append(hash)
            } else {
                recent[oldest] = hash
                oldest = (oldest + 1) % Self.redeliveries
            }
        }
        return recent
    }

    /// Nothing has been delivered for a while and nothing is held: what the journal has beyond us is lost to the broker,
    /// and is replayed.
    ///
    /// - Returns: whether there is such.
    package func replayRest(atMs now: Int64) -> Bool {
        guard !isBusy else { return true }
        age(atMs: now)
        retry(atMs: now)
        if isAvailable, accounted == nil, now >= nextOpenMs {
            nextOpenMs = now + Self.retryMs
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
        return isBusy
    }

    /// Forgets what is older than ``memoryMs``. A broker that is silent may only be slow: while it saves a long queue, what was
    /// replayed meanwhile is still to come. And while our own store stands still, nothing can come: such time does not count.
    private func age(atMs now: Int64) {
        aliveMs += min(max(0, now - lastAliveMs), 5000)
        lastAliveMs = now
        guard aliveMs >= Self.memoryMs else { return }
        aliveMs = 0
        remembered = nil
        known.age()
        if isAvailable { passed.age() }
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
        age(atMs: now)
        committedPosition = pushedPosition
        guard let position = committedPosition, position != writtenPosition, now >= nextWriteMs else { return }
        tellBroker(position)
        nextWriteMs = now + (unwritable == nil ? 1000 : 60_000)
        if let end = try? reader.end(after: position) { tally.lagBytes = end.bytesAhead }
    }

    /// Writes the file by which the broker knows what may go. Without it the journal can still be read.
    private func tellBroker(_ position: JournalPosition) {
        do throws(JournalError) {
            try consumer.write(position)
            writtenPosition = position
            unwritable = nil
        } catch {
            logger.warning("journal.consumer_unwritable", metadata: ["error": "\(error)"])
            unwritable = "the broker can't be told how far its journal has been read: \(error)"
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
        }
        if ahead.isEmpty { accounted = trouble.next }
    }

    /// Records that had been looked at can't be read any more: somebody changed the newest segment under us.
    func noteLost(upTo end: JournalPosition) {
        tally.troubles[.damaged, default: 0] += 1
        logger.error(
            "journal.damaged",
            metadata: [
                "error": "records were read once and are gone", "code": "\(JournalTrouble.Code.damaged.rawValue)",
                "segment": .stringConvertible(end.segment), "offset": .stringConvertible(end.offset),
            ])
    }

    /// The journal can't be read: deliveries pass as they come, until it can.
    func lose(_ error: JournalError) {
        ahead.removeAll()
        replayUntil = nil
        // The other positions stay: what was accounted for stays accounted for.
        readEnd = accounted
        if isAvailable {
            logger.error("journal.unavailable", metadata: ["error": "\(error)"])
            tally.failures += 1
        }
        unreadable = "the broker's journal can't be read: \(error)"
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
