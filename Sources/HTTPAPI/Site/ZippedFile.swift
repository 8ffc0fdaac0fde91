import NIOCore
import Synchronization

/// A file as gzip at its smallest: made when somebody first asks for it, for a start of the daemon has no time for it.
final class ZippedFile: Sendable {
    private let plain: ByteBuffer
    private let made = Mutex<ByteBuffer?>(nil)

    init(_ plain: ByteBuffer) { self.plain = plain }

    /// - Complexity: the first time a few milliseconds; two who ask at once may both make it.
    var bytes: ByteBuffer {
        if let bytes = made.withLock({ $0 }) { return bytes }
        let bytes = BodyCompressor.gzip(plain, level: 9)
        made.withLock { $0 = bytes }
        return bytes
    }
}
