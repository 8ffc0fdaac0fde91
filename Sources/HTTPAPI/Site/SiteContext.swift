import Hummingbird
import Logging
import NIOCore
import Synchronization

/// What a request brings along: its connection, so that a stalled live stream can be cut.
struct SiteContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    let body = BodyProgress()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// Whether a request's body has been read to its end.
final class BodyProgress: Sendable {
    private let isAtEnd = Atomic(false)

    var isRead: Bool { isAtEnd.load(ordering: .relaxed) }

    func markRead() { isAtEnd.store(true, ordering: .relaxed) }
}
