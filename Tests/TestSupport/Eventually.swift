extension Duration {
    /// How long is waited for what must come. What comes ends the wait at once, so a good test is as quick on a busy machine as
    /// that allows, and only one that fails takes this long.
    public static let patience = Duration.seconds(120)
}

/// Where there is no event to wait for: asks again until it holds.
///
/// - Throws: ``TestTimeout`` that names `what`, when it does not come to hold within `limit`, and what `condition` throws.
public func eventually(
    _ what: String, within limit: Duration = .patience, isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TestTimeout(description: "waited \(limit) in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
