internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

extension SluiceChild {
    /// Reads an answer of any length piece by piece.
    ///
    /// - Parameter step: lines between two looks at the daemon's memory.
    /// - Returns: the answer's lines, and the most that the daemon held in memory at a look, in bytes.
    func countLines(_ path: String, memoryEvery step: Int) async throws -> (lines: Int, mostMemory: Int) {
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(httpPort)\(path)")
        let response = try await HTTPClient.shared.execute(request, timeout: .minutes(30))
        guard response.status.code == 200 else { throw WrongAnswer("\(path): \(response.status)") }
        var (lines, looked, most) = (0, 0, memory.resident)
        for try await piece in response.body {
            for byte in piece.readableBytesView where byte == 0x0A { lines += 1 }
            guard lines - looked >= step else { continue }
            looked = lines
            most = max(most, memory.resident)
        }
        return (lines, max(most, memory.resident))
    }
}
