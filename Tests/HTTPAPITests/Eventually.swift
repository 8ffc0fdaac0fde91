/// For what announces itself by no event: asks again until a deadline.
enum Eventually {
    struct TimedOut: Error {}

    static func holds(
        within limit: Duration = .seconds(20), _ condition: @Sendable () -> Bool
    ) async throws {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw TimedOut() }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
