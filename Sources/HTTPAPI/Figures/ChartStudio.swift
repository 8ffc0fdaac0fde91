import Dispatch
import Synchronization

/// Draws pictures one after the other on a queue of its own, and keeps the latest: drawing blocks for some 50 ms, and a
/// page of requests asks for many.
final class ChartStudio: Sendable {
    enum Outcome: Sendable {
        case picture([UInt8])
        /// Too many are waiting, or there was no memory.
        case refused
    }

    /// Pictures that are kept, some 100 kB each, and that may wait.
    private static let mostKept = 64
    private static let mostWaiting = 32

    private struct State {
        var kept: [String: [UInt8]] = [:]
        /// Keys of ``kept``, oldest first.
        var order: [String] = []
        var waiting = 0
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "sluice.charts")

    /// The picture under this key: a key names its content, and an old one is never wrong.
    func picture(of key: String, _ draw: @escaping @Sendable () -> [UInt8]?) async -> Outcome {
        let kept = state.withLock { state -> Outcome? in
            if let bytes = state.kept[key] { return .picture(bytes) }
            guard state.waiting < Self.mostWaiting else { return .refused }
            state.waiting += 1
            return nil
        }
        if let kept { return kept }
        return await withCheckedContinuation { continuation in
            queue.async {
                // Another may have asked for the same while this one waited.
                let known = self.state.withLock { $0.kept[key] }
                continuation.resume(returning: self.keep(known ?? draw(), as: key))
            }
        }
    }

    private func keep(_ bytes: [UInt8]?, as key: String) -> Outcome {
        state.withLock { state in
            state.waiting -= 1
            guard let bytes else { return .refused }
            if state.kept.updateValue(bytes, forKey: key) == nil { state.order.append(key) }
            if state.order.count > Self.mostKept { state.kept[state.order.removeFirst()] = nil }
            return .picture(bytes)
        }
    }
}
