internal import BrokerJournal
package import Logging
package import MQTTSession
package import Readings

/// Keeps a broker's journal and what the broker delivers in step, so that each journaled message is taken once, and in the
/// journal's order, whether the broker delivers it or has lost it.
///
/// ```
///   journal    a  b  c  d  e  f  g        a, b   accounted for: delivered or replayed, and pushed
///                   ▲        ▲            c, d   replayed now, because…
///                   │        └ looked at  e      …has been delivered and is held until they are; what is lost comes first
///                   └ accounted           f, g   not looked at yet
/// ```
/// The broker journals a message before it queues it, and delivers in that order. So a delivered message is nearly always
/// the next record; where it is a later one, those between were lost (the broker died, or its queue was full)
/// and are replayed before it. The other way round, what is delivered although it has been accounted for (a redelivery
/// after a reconnect, or the delivery of a message that had to be replayed) is acknowledged and not taken again.
/// Should a hash deceive it (two messages with the same topic and payload), it errs by taking the right number of them from
/// the wrong place: each record is accounted for once, by a delivery or by a replay.
///
/// What was published at QoS 0 is in no journal, and what the broker itself publishes (a will) is not either: it passes.
/// Stands between ``BrokerSession`` and ``MessageIntake``, on the network thread.
package final class JournalFollower: MessageReceiver {
    let intake: MessageIntake
    let reader: JournalReader
    private(set) var matcher: TopicMatcher
    let logger: Logger
    package var tally = JournalTally()

    /// Everything before it has been pushed, or is none of ours. Nil while there is no journal.
    var accounted: JournalPosition?
    /// Records between ``accounted`` and ``readEnd`` that are ours.
    var ahead = LookAhead()
    /// How far the journal has been looked at.
    var readEnd: JournalPosition?
    /// Records before it are being replayed.
    var replayUntil: JournalPosition?
    /// Messages that were delivered, and wait until the records before theirs have been replayed.
    var held = ParkedMessages()
    /// Messages that have been taken and that the broker may still deliver: accounted for before this session, without
    /// the broker having had the acknowledgement, or replayed.
    var known = RecentMessages(limit: redeliveries)
    /// The place before which ``known`` has been read back, as long as nothing of it has been used.
    var remembered: JournalPosition?
    /// Messages that were taken while the journal could not be read: their records are not to be replayed.
    var passed = RecentMessages(limit: redeliveries)
    /// For how long ``known`` has been growing old.
    var aliveMs: Int64 = 0
    var lastAliveMs: Int64 = 0
    /// Where the last run came to, by journal.
    let stored: [JournalPosition]
    let consumer: ConsumerFile
    /// Why the journal can't be read, or the broker not be told of it.
    var unreadable, unwritable: String?
    /// An end of the journal that was read up to although it has bytes left: a record in the making, or damage.
    var exhausted: JournalPosition?
    private var replayedSinceLog = 0
    /// When the journal had nothing of ours beyond what is accounted for, by the time of arrival.
    private var endSeenAtMs: Int64?
    /// The position that was pushed last, and the last one that was committed.
    var pushedPosition, committedPosition, writtenPosition: JournalPosition?
    var nextWriteMs: Int64 = 0
    var nextOpenMs: Int64 = 0

    /// Messages that the broker may deliver again: the shipped broker's queue, `max_queued_messages`, and what is on its way.
    static let redeliveries = 1 << 20
    /// Bytes of the journal that are read to find them, rounded up to a segment. The plugin keeps as many of what has been
    /// read, with segments of the usual size. Reading them takes about a second.
    static let redeliveryBytes: UInt64 = 256 << 20
    /// How long ``known`` messages are kept, at least.
    static let memoryMs: Int64 = 120_000
    /// Between two looks for a journal that can't be read.
    static let retryMs: Int64 = 10_000
    /// Records to look ahead before those are taken for lost that came first.
    static let longestLook = 65_536

    package init(
        directory: String, consumer name: String, filters: [String], stored: [JournalPosition], intake: MessageIntake,
        logger: Logger
    ) {
        reader = JournalReader(directory: directory)
        consumer = ConsumerFile(directory: directory, name: name)
        matcher = TopicMatcher(filters)
        self.stored = stored
        self.intake = intake
        var logger = logger
        logger[metadataKey: "journal"] = "\(directory)"
        self.logger = logger
    }

    /// Follows other topics from here on.
    func change(filters: [String]) { matcher = TopicMatcher(filters) }

    var isAvailable: Bool { unreadable == nil }

    /// What is wrong with the journal, as a sentence; nil when all is well.
    package var problem: String? { unreadable ?? unwritable }

    /// Whether ``step()`` has something to do. Nothing is read from the broker, or acknowledged, before it is done.
    package var isBusy: Bool { replayUntil != nil || !held.isEmpty }

    // MARK: - Deliveries

    package func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
        guard delivery.isAcknowledged, !delivery.isRetained else {
            return intake.receive(topic: topic, payload: payload, delivery: delivery)
        }
        if held.isEmpty, settle(topic: topic, payload: payload) { return }
        held.append(topic: topic, payload: payload, arrivedAtMs: intake.arrivedAtMs)
    }

    /// Takes a delivered message, or drops it as one that has been taken. False when records before it come first.
    private func settle(topic: Span<UInt8>, payload: Span<UInt8>) -> Bool {
        let hash = MessageHash(topic: topic, payload: payload)
        guard isAvailable else {
            pass(hash)
            intake.receive(topic: topic, payload: payload, delivery: Delivery())
            return true
        }
        if known.contains(hash) {
            // A new message may look like an old one, so it is taken for the record that is due if that looks the same.
            // Should it be the old one after all, the new one is yet to come, and is dropped then.
            guard isDue(hash) || !isAvailable else { return drop(hash) }
            known.renew(hash)
        }
        switch look(for: hash) {
        case .first:
            tally.matched += 1
        case .absent:
            tally.unknown += 1
            if !isAvailable { pass(hash) }
        case .behind(let position):
            precondition(accounted.map { $0 < position } ?? false, "nothing lies before \(position)")
            replayUntil = position
            return false
        }
        intake.receive(topic: topic, payload: payload, delivery: Delivery())
        return true
    }

    /// Drops what has been taken before.
    private func drop(_ hash: MessageHash) -> Bool {
        _ = known.remove(hash)
        remembered = nil
        tally.redelivered += 1
        return true
    }

    /// Remembers a message that is taken without a look at the journal.
    private func pass(_ hash: MessageHash) {
        if !passed.insert(hash) { tally.forgotten += 1 }
    }

    /// Whether the first record of ours that is not accounted for is this message.
    private func isDue(_ hash: MessageHash) -> Bool {
        // Thousands of redeliveries come in one go: the end of the journal is looked at once for them.
        if ahead.isEmpty, endSeenAtMs == intake.arrivedAtMs { return false }
        while ahead.isEmpty, let start = readOn() {
            if let found = hashOfRecord() { ahead.append(found, at: start) } else { accounted = readEnd }
        }
        if ahead.isEmpty { endSeenAtMs = intake.arrivedAtMs }
        return ahead.first == hash
    }

    /// The hash of the reader's record, or nil when it is none of ours.
    func hashOfRecord() -> MessageHash? {
        reader.withMessage { topic, payload in
            matcher.matches(topic) ? MessageHash(topic: topic, payload: payload) : nil
        }
    }

    private enum Finding {
        /// It was the next record of ours, and has been accounted for.
        case first
        /// The records before this position come first.
        case behind(JournalPosition)
        /// The journal has no such record, as far as it goes.
        case absent
    }

    private func look(for hash: MessageHash) -> Finding {
        if let index = ahead.firstIndex(of: hash) {
            guard index == 0 else { return .behind(ahead.start(of: index)) }
            ahead.removeFirst()
            accounted = ahead.start ?? readEnd
            return .first
        }
        while ahead.count < Self.longestLook {
            guard let start = readOn() else { return .absent }
            // A journal that was not there when the session began.
            if accounted == nil { accounted = start }
            let found = hashOfRecord()
            if let found, !(ahead.isEmpty && found == hash) {
                ahead.append(found, at: start)
                if found == hash { return .behind(start) }
            } else {
                if ahead.isEmpty { accounted = readEnd }
                if found != nil { return .first }
            }
        }
        return readEnd.map { .behind($0) } ?? .absent
    }

    /// Reads the next record behind those looked at. Returns where it begins, or nil when there is none.
    private func readOn() -> JournalPosition? {
        do throws(JournalError) {
            if let readEnd { try reader.seek(to: readEnd) }
            while true {
                let step = try reader.next()
                readEnd = reader.position
                switch step {
                case .record: return reader.record.start
                case .nothing: return nil
                case .trouble(let trouble): note(trouble)
                }
            }
        } catch {
            lose(error)
            return nil
        }
    }

    // MARK: - Replay

    /// Replays one record, or takes one message that was held until all before it were replayed.
    package func step() {
        if let replayUntil {
            guard let accounted, accounted.journal == replayUntil.journal, accounted < replayUntil else {
                return endReplay()
            }
            replayRecord(at: accounted, before: replayUntil)
        } else if let message = held.first {
            intake.arrivedAtMs = message.arrivedAtMs
            let bytes = held.bytes
            if settle(topic: bytes.span.extracting(message.topic), payload: bytes.span.extracting(message.payload)) {
                held.removeFirst()
            }
        }
    }

    private func replayRecord(at place: JournalPosition, before end: JournalPosition) {
        do throws(JournalError) {
            try reader.seek(to: place)
            switch try reader.next() {
            case .record where !(reader.record.start < end):
                // The end of a segment and the beginning of the next are one place.
                accounted = end
            case .record:
                replayMessage()
                accounted = reader.position
            case .nothing where held.isEmpty:
                exhausted = end
                return endReplay()
            case .nothing:
                // They were there when the held message was looked for; waiting for them would hold it for ever.
                noteLost(upTo: end)
                accounted = end
            case .trouble(let trouble):
                note(trouble)
                accounted = reader.position
            }
        } catch {
            return lose(error)
        }
        guard let accounted else { return }
        ahead.remove(before: accounted)
        if ahead.isEmpty, readEnd.map({ $0.journal != accounted.journal || $0 < accounted }) ?? true {
            readEnd = accounted
        }
    }

    /// Takes the reader's record, if it is one of ours and has not been taken already.
    private func replayMessage() {
        guard let hash = hashOfRecord() else { return }
        if passed.remove(hash) {
            tally.matched += 1
            return
        }
        intake.arrivedAtMs = reader.record.writtenAtMs
        reader.withMessage { topic, payload in
            intake.receive(topic: topic, payload: payload, delivery: Delivery())
        }
        tally.replayed += 1
        replayedSinceLog += 1
        if !known.insert(hash) { tally.forgotten += 1 }
    }

    private func endReplay() {
        replayUntil = nil
        let count = replayedSinceLog
        guard count > 0, let accounted else { return }
        replayedSinceLog = 0
        logger.notice(
            "journal.replayed",
            metadata: [
                "messages": .stringConvertible(count), "segment": .stringConvertible(accounted.segment),
                "offset": .stringConvertible(accounted.offset),
            ])
    }
}
