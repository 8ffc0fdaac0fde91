import HTTPTypes
import Hummingbird
import IssueStorage
import NIOCore
import Synchronization

/// Sends answers as gzip (RFC 1952) to clients that take it.
///
/// Left as they are: what is short; pictures, which don't shrink; what has a tag or an encoding of its own (files, exports);
/// streams; and what answers to a key. Such an answer may hold both secrets and what a stranger wrote (payloads in quarantine),
/// and from the length of the two compressed together the one can be guessed by trying the other (BREACH,
/// https://www.breachattack.com). All other answers hold what anyone may read.
final class BodyCompressor: Sendable {
    /// What is shorter fits into a packet or two in any case.
    static let leastBytes = 1024
    /// From here on, so long that compressing it again for the next client is worth a look at what was compressed before.
    private static let rememberedBytes = 64 * 1024
    private static let mostRemembered = 4

    private let remembered = Mutex<[(plain: ByteBuffer, zipped: ByteBuffer)]>([])

    /// Replaces the body, where that is worth it, and says what it depends on.
    ///
    /// - Complexity: some 10 ms for a megabyte; nothing much for the same long body as a moment ago.
    func compress(_ response: inout Response, for request: Request) async throws {
        guard Self.shrinks(response.headers[.contentType]), response.headers[.contentEncoding] == nil,
            response.headers[.eTag] == nil, let length = response.body.contentLength
        else { return }
        response.headers[.vary] = "Accept-Encoding"
        guard length >= Self.leastBytes, request.takesGzip, request.headers[.authorization] == nil,
            request.method == .get || request.method == .head
        else { return }
        let plain = Collector()
        try await response.body.write(plain)
        response.headers[.contentEncoding] = "gzip"
        response.body = ResponseBody(byteBuffer: zipped(plain.bytes))
    }

    private func zipped(_ plain: ByteBuffer) -> ByteBuffer {
        guard plain.readableBytes >= Self.rememberedBytes else { return Self.gzip(plain) }
        // Compared byte by byte: a hash might be somebody's to choose.
        if let known = remembered.withLock({ $0.first { $0.plain == plain }?.zipped }) { return known }
        let zipped = Self.gzip(plain)
        remembered.withLock { kept in
            kept.append((plain, zipped))
            if kept.count > Self.mostRemembered { kept.removeFirst() }
        }
        return zipped
    }

    /// - Parameter level: as in ``GzipStream/init(level:)``.
    static func gzip(_ plain: ByteBuffer, level: Int32 = 4) -> ByteBuffer {
        let stream = GzipStream(level: level)
        let begun = stream.compress(Array(plain.readableBytesView))
        return ByteBuffer(bytes: begun + stream.finish())
    }

    /// Whether a content type is text of some sort.
    static func shrinks(_ contentType: String?) -> Bool {
        guard let type = contentType?.prefix(while: { $0 != ";" }) else { return false }
        guard !type.hasPrefix("text/") else { return type != "text/event-stream" }
        return ["json", "xml", "yaml"].contains { type.hasSuffix($0) }
    }

    /// Takes a body instead of a connection.
    private final class Collector: ResponseBodyWriter {
        private(set) var bytes = ByteBuffer()

        func write(_ buffer: ByteBuffer) { bytes.writeImmutableBuffer(buffer) }

        func finish(_ trailingHeaders: HTTPFields?) {}
    }
}
