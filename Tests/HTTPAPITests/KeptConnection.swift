import NIOCore

/// Reads answers one after the other off a connection that stays open.
struct KeptConnection {
    struct Answer {
        var status: Int
        /// Lower-case names; of a repeated one the last.
        var headers: [String: String]
        var body: [UInt8]

        /// Whether the server won't take another request here.
        var closes: Bool { headers["connection"] == "close" }
    }

    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer: [UInt8] = []

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) { self.inbound = inbound.makeAsyncIterator() }

    /// The next answer; nil when the server has hung up before one.
    mutating func next() async throws -> Answer? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        var headEnd: Int?
        while headEnd == nil {
            headEnd = buffer.indices.first { buffer[$0] == 0x0D && buffer[$0...].starts(with: end) }
            guard headEnd == nil else { break }
            guard let chunk = try await inbound.next() else { return nil }
            buffer.append(contentsOf: chunk.readableBytesView)
        }
        var lines = String(decoding: buffer[..<headEnd!], as: UTF8.self).split(separator: "\r\n")
        buffer.removeFirst(headEnd! + 4)
        let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in lines {
            let halves = line.split(separator: ":", maxSplits: 1)
            headers[halves[0].lowercased()] = String(halves[1].drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffer.count < length {
            guard let chunk = try await inbound.next() else { return nil }
            buffer.append(contentsOf: chunk.readableBytesView)
        }
        defer { buffer.removeFirst(length) }
        return Answer(status: status, headers: headers, body: Array(buffer[..<length]))
    }
}
