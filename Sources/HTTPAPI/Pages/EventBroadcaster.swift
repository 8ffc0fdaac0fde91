import Hummingbird
public import Metrics
public import Open311
import Synchronization

/// Hands committed events to every open live stream (server-sent events).
///
/// An event is encoded once, whoever listens. The first leaves at once; what follows within the ``pace(listeners:)`` leaves
/// together. Each listener has a bounded buffer: a reader that is too slow loses the oldest events and is told how many
/// (event `gap`), and never holds up the publisher or the other readers.
public final class EventBroadcaster: Sendable {
    private let state = Mutex(State())
    private let capacity: Int
    private let mostListeners: Int
    private let view: PublicView
    private let listening: Gauge
    private let dropped: Counter
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// How long after one sending the next may leave.
    ///
    /// What a sending costs is a write to each listener, so they share eight hundred writes a second, a few hundredths of a
    /// core: for a handful of listeners an event waits a few milliseconds at most, for two hundred it may wait for 250.
    package static func pace(listeners: Int) -> Duration { min(.microseconds(1250) * listeners, .milliseconds(250)) }
    /// So many bytes don't wait for the pace.
    private static let mostWaiting = 65_536

    /// - Parameters:
    ///   - capacity: times that events were sent, which are kept for one slow reader.
    ///   - mostListeners: open streams at a time.
    ///   - view: what the public sees of requests; addresses of media stay paths.
    public init(
        capacity: Int = 256, mostListeners: Int = 128, view: PublicView = .standard, metrics: any MetricsFactory
    ) {
        precondition(capacity > 0 && mostListeners > 0, "both must be positive")
        self.capacity = capacity
        self.mostListeners = mostListeners
        self.view = view
        listening = Gauge(label: "sluice_http_event_streams", factory: metrics)
        dropped = Counter(label: "sluice_http_events_dropped_total", factory: metrics)
    }

    /// Sends the event to everyone who listens. Returns at once; may be called from any thread.
    public func publish(_ event: LiveEvent) {
        state.withLock { state in
            state.published += 1
            // Nobody to read it: nothing to encode.
            guard !state.listeners.isEmpty, let document = event.document(for: view) else { return }
            state.waiting.events += 1
            state.waiting.bytes.writeImmutableBuffer(
                Self.frame(name: event.name, id: state.published, document))
            guard !state.isPaced || state.waiting.bytes.readableBytes >= Self.mostWaiting else { return }
            sendWaiting(&state)
            state.isPaced = true
            wake.yield()
        }
    }

    /// Sends what waits, one pace after what was sent before. Runs for as long as the server does.
    func keepPace() async {
        for await _ in wakes {
            repeat {
                let pace = state.withLock { Self.pace(listeners: $0.listeners.count) }
                do { try await Task.sleep(for: pace) } catch { return }
            } while sendInPace()
        }
    }

    /// Whether there was anything; if not, the next event leaves at once.
    private func sendInPace() -> Bool {
        state.withLock { state in
            state.isPaced = state.waiting.events > 0
            sendWaiting(&state)
            return state.isPaced
        }
    }

    /// Tells every reader the daemon's clock (event `clock`). That keeps streams open through proxies, and closes those
    /// whose reader has taken nothing for three beats.
    func beat(nowMs: Int64) {
        let content = GeoReportDocument.Node.fields([.init("now_ms", .integer(nowMs))])
        let frame = Self.frame(name: "clock", id: nil, GeoReportDocument(root: "clock", content: content))
        let stalled = state.withLock { state in
            var stalled: [@Sendable () -> Void] = []
            for id in state.listeners.keys {
                state.listeners[id]!.beatsWaited += 1
                if state.listeners[id]!.beatsWaited > 3 { stalled.append(state.listeners[id]!.close) }
            }
            sendWaiting(&state)
            send(Batch(bytes: frame, events: 1), to: &state)
            return stalled
        }
        for close in stalled { close() }
    }

    /// Ends every stream, and refuses new ones.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            sendWaiting(&state)
            for listener in state.listeners.values { listener.continuation.finish() }
        }
    }

    /// A new stream from now on; nil when there are too many, or at the end.
    ///
    /// - Parameter close: cuts the listener's connection.
    func listen(close: @escaping @Sendable () -> Void) -> Subscription? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Batch.self, bufferingPolicy: .bufferingNewest(capacity))
        let id: UInt64? = state.withLock { state in
            guard !state.isFinished, state.listeners.count < mostListeners else { return nil }
            state.lastListener += 1
            state.listeners[state.lastListener] = Listener(continuation: continuation, close: close)
            listening.record(state.listeners.count)
            return state.lastListener
        }
        return id.map { Subscription(id: $0, batches: stream, of: self) }
    }

    /// One reader's stream. Letting go of it ends the subscription.
    final class Subscription: Sendable {
        let batches: AsyncStream<Batch>
        private let id: UInt64
        private let broadcaster: EventBroadcaster

        fileprivate init(id: UInt64, batches: AsyncStream<Batch>, of broadcaster: EventBroadcaster) {
            (self.id, self.batches, self.broadcaster) = (id, batches, broadcaster)
        }

        deinit { broadcaster.forget(id) }

        /// The frame that says how many events were lost before the one just taken, or nil.
        func gap() -> ByteBuffer? { broadcaster.gap(of: id) }
    }

    /// Events that are sent together.
    struct Batch: Sendable {
        var bytes = ByteBuffer()
        var events: Int64 = 0
    }

    private struct Listener {
        let continuation: AsyncStream<Batch>.Continuation
        let close: @Sendable () -> Void
        var lost: Int64 = 0
        var beatsWaited = 0
    }

    private struct State {
        var listeners: [UInt64: Listener] = [:]
        var lastListener: UInt64 = 0
        var published: Int64 = 0
        var waiting = Batch()
        /// Something was sent within the last pace.
        var isPaced = false
        var isFinished = false
    }

    private func sendWaiting(_ state: inout State) {
        guard state.waiting.events > 0 else { return }
        send(state.waiting, to: &state)
        state.waiting = Batch()
    }

    private func send(_ batch: Batch, to state: inout State) {
        for id in state.listeners.keys {
            guard case .dropped(let oldest) = state.listeners[id]!.continuation.yield(batch) else { continue }
            state.listeners[id]!.lost += oldest.events
            dropped.increment(by: oldest.events)
        }
    }

    private func gap(of id: UInt64) -> ByteBuffer? {
        let lost = state.withLock { state -> Int64 in
            guard let listener = state.listeners[id] else { return 0 }
            state.listeners[id]!.lost = 0
            state.listeners[id]!.beatsWaited = 0
            return listener.lost
        }
        guard lost > 0 else { return nil }
        let content = GeoReportDocument.Node.fields([.init("lost", .integer(lost))])
        return Self.frame(name: "gap", id: nil, GeoReportDocument(root: "gap", content: content))
    }

    private func forget(_ id: UInt64) {
        state.withLock { state in
            state.listeners[id] = nil
            listening.record(state.listeners.count)
        }
    }

    /// JSON holds no line break, so one `data` line is enough.
    private static func frame(name: String, id: Int64?, _ document: GeoReportDocument) -> ByteBuffer {
        var frame = ByteBuffer(string: "event: \(name)\n")
        if let id { frame.writeString("id: \(id)\n") }
        frame.writeString("data: ")
        frame.writeBytes(document.encoded(as: .json))
        frame.writeString("\n\n")
        return frame
    }
}
