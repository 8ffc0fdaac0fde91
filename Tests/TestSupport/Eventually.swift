/// Where there is no event to wait for: asks again until it holds.
///
/// - Throws: ``TestTimeout`` that names `what`, when it does not come to hold within `limit`, and what `condition` throws.
public func eventually(
    _ what: String, within limit: Duration = .seconds(20), isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TestTimeout(description: "waited \(limit) in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
