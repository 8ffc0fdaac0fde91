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
    let matcher: TopicMatcher
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
    /// Replayed messages that the broker may still deliver.
    var replayed = MessageBag(limit: 1 << 18)
    /// Messages accounted for before this session, whose acknowledgements the broker may not have had.
    var settled = MessageBag(limit: 1 << 16)
    /// Where to look for ``settled``: at least ``redeliveries`` records of ours lie between the older one and
    /// ``accounted``.
    var marks: (older: JournalPosition?, newer: JournalPosition?) = (nil, nil)
    var recordsSinceMark = 0
    /// Where the last run came to, by journal.
    let stored: [JournalPosition]
    let consumer: ConsumerFile
    var isAvailable = true
    /// An end of the journal that was read up to although it has bytes left: a record in the making, or damage.
    var exhausted: JournalPosition?
    private var replayedSinceLog = 0
    /// The position that was pushed last, and the last one that was committed.
    var pushedPosition, committedPosition, writtenPosition: JournalPosition?
    var nextWriteMs: Int64 = 0
    var nextOpenMs: Int64 = 0

    /// Messages that the broker may deliver again: more than any receive maximum in use.
    static let redeliveries = 8192
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

    /// Whether ``step()`` has something to do. Nothing is read from the broker, or acknowledged, before it is done.
    package var isBusy: Bool { replayUntil != nil || !held.isEmpty }

    // MARK: - Deliveries

    package func receive(topic: Span<UInt8>, payload: Span<UInt8>, delivery: Delivery) {
        guard isAvailable, delivery.isAcknowledged, !delivery.isRetained else {
            return intake.receive(topic: topic, payload: payload, delivery: delivery)
        }
        if held.isEmpty, settle(topic: topic, payload: payload) { return }
        held.append(topic: topic, payload: payload, arrivedAtMs: intake.arrivedAtMs)
    }

    /// Takes a delivered message, or drops it as one that has been taken. False when records before it come first.
    private func settle(topic: Span<UInt8>, payload: Span<UInt8>) -> Bool {
        let hash = MessageHash(topic: topic, payload: payload)
        if replayed.remove(hash) || settled.remove(hash) {
            tally.redelivered += 1
            return true
        }
        switch look(for: hash) {
        case .first:
            tally.matched += 1
        case .absent:
            tally.unknown += 1
        case .behind(let position):
            precondition(accounted.map { $0 < position } ?? false, "nothing lies before \(position)")
            replayUntil = position
            return false
        }
        intake.receive(topic: topic, payload: payload, delivery: Delivery())
        return true
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
            account(upTo: ahead.start ?? readEnd, isOurs: true)
            return .first
        }
        while ahead.count < Self.longestLook {
            guard let start = readOn() else { return .absent }
            // A journal that was not there when the session began.
            if accounted == nil { accounted = start }
            let found = reader.withMessage { topic, payload in
                matcher.matches(topic) ? MessageHash(topic: topic, payload: payload) : nil
            }
            if let found, !(ahead.isEmpty && found == hash) {
                ahead.append(found, at: start)
                if found == hash { return .behind(start) }
            } else {
                if ahead.isEmpty { account(upTo: readEnd, isOurs: found != nil) }
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

    /// Everything of ours before `position` has been taken, the last record of it just now.
    func account(upTo position: JournalPosition?, isOurs: Bool) {
        accounted = position
        guard isOurs else { return }
        recordsSinceMark += 1
        guard recordsSinceMark >= Self.redeliveries else { return }
        recordsSinceMark = 0
        marks = (marks.newer, position)
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
                account(upTo: end, isOurs: false)
            case .record:
                let isOurs = replayMessage()
                account(upTo: reader.position, isOurs: isOurs)
            case .nothing:
                exhausted = end
                return endReplay()
            case .trouble(let trouble):
                note(trouble)
                account(upTo: reader.position, isOurs: false)
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

    /// Takes the reader's record, if it is one of ours.
    private func replayMessage() -> Bool {
        intake.arrivedAtMs = reader.record.writtenAtMs
        let hash = reader.withMessage { topic, payload -> MessageHash? in
            guard matcher.matches(topic) else { return nil }
            intake.receive(topic: topic, payload: payload, delivery: Delivery())
            return MessageHash(topic: topic, payload: payload)
        }
        guard let hash else { return false }
        tally.replayed += 1
        replayedSinceLog += 1
        if !replayed.insert(hash) { tally.forgotten += 1 }
        return true
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
