import Hummingbird
import Synchronization

/// An answer that costs something to make, kept for a moment for all who ask.
final class BriefMemory: Sendable {
    private let kept = Mutex<(body: ByteBuffer, until: ContinuousClock.Instant)?>(nil)
    private let lifetime: Duration

    init(lifetime: Duration) { self.lifetime = lifetime }

    /// What is kept, or what `make` gives. Two who ask at once may both make it.
    func answer(_ make: () async throws -> ByteBuffer) async rethrows -> ByteBuffer {
        let now = ContinuousClock.now
        if let kept = kept.withLock({ $0 }), kept.until > now { return kept.body }
        let body = try await make()
        kept.withLock { $0 = (body, now + lifetime) }
        return body
    }
}
