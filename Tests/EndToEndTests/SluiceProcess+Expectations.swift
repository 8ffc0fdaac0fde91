import TestSupport
import Testing

extension SluiceProcess {
    /// Waits for the end and expects this exit code; what the process said is shown when it is another.
    func expectExit(
        _ code: Int32, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await exitCode(within: limit)
        #expect(found == code, "\(output)", sourceLocation: sourceLocation)
    }
}
