internal import Synchronization

/// Work that one caller does at a time; whoever else asks for it meanwhile is refused.
final class OneAtATime: Sendable {
    private let isUnderWay = Atomic(false)
    private let refusal: String

    init(refusal: String) { self.refusal = refusal }

    /// - Throws: ``LocalError`` `busy` while another one is under way; what `work` throws.
    func run<Result: Sendable>(_ work: () async throws -> Result) async throws -> Result {
        let taken = isUnderWay.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing)
        guard taken.exchanged else { throw LocalError(code: "busy", refusal) }
        defer { isUnderWay.store(false, ordering: .releasing) }
        return try await work()
    }
}
