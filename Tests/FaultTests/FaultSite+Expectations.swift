import FaultSupport
import Foundation
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

    /// Stops the daemon in order.
    func end(
        _ daemon: SluiceProcess, within limit: Duration = .patience,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        daemon.send(SIGTERM)
        let code = try await daemon.exitCode(within: limit)
        #expect(code == 0, "\(daemon.output)", sourceLocation: sourceLocation)
    }
}
