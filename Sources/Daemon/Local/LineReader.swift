internal import Foundation
internal import NIOCore

/// Cuts what comes over a socket into lines.
struct LineReader {
    private var rest = ByteBuffer()
    /// Bytes of the rest that hold no end of a line: a long line is looked through once.
    private var searched = 0

    /// Adds what came.
    /// - Returns: whether a line may still come of it: false once it is too long.
    mutating func take(_ bytes: ByteBuffer) -> Bool {
        rest.writeImmutableBuffer(bytes)
        return rest.readableBytes <= LocalCoding.longestLine
    }

    /// The next whole line, without its end.
    mutating func next() -> Data? {
        let view = rest.readableBytesView
        guard let end = view[(view.startIndex + searched)...].firstIndex(of: 0x0A) else {
            searched = rest.readableBytes
            return nil
        }
        let line = Data(rest.readBytes(length: end - view.startIndex) ?? [])
        rest.moveReaderIndex(forwardBy: 1)
        searched = 0
        return line
    }
}
