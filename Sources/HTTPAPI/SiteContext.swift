import Hummingbird
import Logging
import NIOCore

/// What a request brings along: its connection, so that a stalled live stream can be cut.
struct SiteContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
