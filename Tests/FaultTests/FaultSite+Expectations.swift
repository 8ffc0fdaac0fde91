import FaultSupport
import Foundation
import IssueStorage
import TestSupport
import Testing

extension FaultSite {
    /// Stops the daemon in order, and expects every reading of the stream to be stored, once and unchanged.
    func expectExact(
        _ stream: NumberedStream, stopping daemon: SluiceProcess, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await end(daemon, sourceLocation: sourceLocation)
        let audit = try StreamAudit(of: stream, in: stored())
        #expect(audit == .exact(stream), "\(daemon.output.suffix(2000))", sourceLocation: sourceLocation)
    }

    /// Expects every reading of the stream in its sensor's history: a full disk cuts the log short of what is folded already.
    func expectHistory(of stream: NumberedStream, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let reader = try IssueReader(directory: data)
        for sensor in 0..<stream.sensorCount {
            let sent = stride(from: sensor, to: stream.count, by: stream.sensorCount).map { stream[$0] }
            let found = try await reader.history(
                ofSensor: stream.id(ofSensor: sensor), quantity: stream.quantity(of: sensor), fromMs: 0, toMs: .max)
            #expect(found.map(\.atMs) == sent.map(\.observedAtMs), sourceLocation: sourceLocation)
            #expect(found.map(\.value) == sent.map(\.value), sourceLocation: sourceLocation)
        }
    }

    /// Stops the daemon in order.
    func end(
        _ daemon: SluiceProcess, within limit: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        daemon.send(SIGTERM)
        let code = try await daemon.exitCode(within: limit)
        #expect(code == 0, "\(daemon.output)", sourceLocation: sourceLocation)
    }
}
