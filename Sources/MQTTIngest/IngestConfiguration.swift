public import MQTTSession
public import Readings

/// One broker connection as a source of readings.
public struct IngestConfiguration: Sendable, Equatable {
    /// Where to connect. ``SessionConfiguration/receiveMaximum`` is also the most messages of one batch.
    public var session: SessionConfiguration
    /// Directory of the broker's journal, as the SluiceJournal plugin writes it, or nil if the broker keeps none. Key `journal`.
    /// With it nothing is lost that the broker acknowledged and then forgot.
    public var journal: String?
    /// Whether the connection acts as a Sparkplug host application, and how. Key `sparkplug`. Such a connection keeps no
    /// session at the broker, and takes Sparkplug's routes alone.
    public var sparkplug: SparkplugSettings?
    /// How long a batch may collect while messages keep coming. Key `batch_interval`.
    /// A pause between messages closes it at once, so low load has low latency.
    public var longestBatch = Duration.milliseconds(10)
    /// How long a small batch may wait for company, counted from the end of the one before; see ``IngestBatch``.
    public var gather = Duration.milliseconds(2)
    /// Silence that means that the broker has delivered what it had kept for us. Key `backlog_quiet`.
    public var backlogQuiet = Duration.milliseconds(100)
    /// After this long a connection counts as caught up although messages never paused. Key `backlog_longest`.
    public var backlogLongest = Duration.seconds(30)
    /// How long ``IngestWorker/stop()`` waits for the commit of what has been read. Key `stop_grace`.
    public var stopGrace = Duration.seconds(3)

    /// How often a message of our own goes through the broker and back; nil: never. Key `operations.canary`.
    public var canaryInterval: Duration?
    /// Whether the broker is asked how many messages it has dropped (`$SYS`). Key `operations.watch_broker`. Not with a
    /// journal, where every message has its place.
    public var watchesBroker = false

    public init(session: SessionConfiguration) { self.session = session }

    /// Where the canary is published: nobody else's topic.
    public var canaryTopic: String { "sluice-canary/\(session.clientID)" }

    /// Where mosquitto and its kin say how many messages they have dropped for slow subscribers.
    static let droppedTopic = "$SYS/broker/publish/messages/dropped"

    /// What is subscribed besides the routes' filters; a broker that refuses it loses nobody's readings.
    public var optionalFilters: [String] {
        (canaryInterval == nil ? [] : [canaryTopic]) + (watchesBroker && journal == nil ? [Self.droppedTopic] : [])
    }

    /// Every problem, each starting with its key below `path`.
    public func problems(at path: String = "mqtt") -> [String] {
        var found = session.problems(at: path)
        for (key, value) in [
            ("batch_interval", longestBatch), ("backlog_quiet", backlogQuiet), ("backlog_longest", backlogLongest),
            ("stop_grace", stopGrace),
        ] where value <= .zero {
            found.append("\(path).\(key): must be longer than nothing, found \(value)")
        }
        if let sparkplug {
            found += sparkplug.problems(at: "\(path).sparkplug")
            if journal != nil {
                found.append("\(path).journal: keeps what Sparkplug has forgotten by its nature; not both")
            }
        }
        return found + journalProblems(at: path)
    }

    private func journalProblems(at path: String) -> [String] {
        guard let journal else { return [] }
        var found: [String] = []
        if !journal.hasPrefix("/") { found.append("\(path).journal: must be an absolute path, found “\(journal)”") }
        if session.clientID.utf8.count > 64 {
            found.append("\(path).client_id: must be at most 64 bytes with a journal, where it names us as a reader")
        }
        if let shared = session.topicFilters.first(where: { $0.hasPrefix("$share/") }) {
            found.append("\(path).topics: “\(shared)” shares messages with others, the journal has them all; not both")
        }
        return found
    }
}
