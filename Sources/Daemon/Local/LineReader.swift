internal import Foundation
internal import NIOCore

/// Cuts what comes over a socket into lines.
struct LineReader {
    private var rest = ByteBuffer()

    /// Adds what came.
    /// - Returns: whether a line may still come of it: false once it is too long.
    mutating func take(_ bytes: ByteBuffer) -> Bool {
        rest.writeImmutableBuffer(bytes)
        return rest.readableBytes <= LocalCoding.longestLine
    }

    /// The next whole line, without its end.
    mutating func next() -> Data? {
        guard let length = rest.readableBytesView.firstIndex(of: 0x0A).map({ $0 - rest.readerIndex }) else {
            return nil
        }
        let line = Data(rest.readBytes(length: length) ?? [])
        rest.moveReaderIndex(forwardBy: 1)
        return line
    }
}
