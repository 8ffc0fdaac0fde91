internal import IssueStorage
internal import Logging
internal import NIOPosix
internal import Readings
internal import ServiceLifecycle
internal import TimeBase

/// Sweeps photos once a day: those that nothing names, because the report was refused, and those whose requests were closed
/// long ago.
///
/// ```
///   older than a day ─▶ less: named by what waits ─▶ less: named by a request that is open, or closed not long ago ─▶ gone
/// ```
/// In this order: what waits meanwhile becomes a request has been seen before it did, and what is named anew counts as new.
struct PhotoKeeper: Service, CustomStringConvertible {
    let photos: PhotoShelf
    let reader: IssueReader
    /// How long photos stay after their request was closed, in milliseconds; 0: for ever.
    let keptMs: Int64
    let logger: Logger

    private static let interval = Duration.seconds(86_400)
    /// After this time a report has named its photo, or never will.
    static let unnamedMs: Int64 = 86_400_000
    /// Between two steps through the requests, of some ten milliseconds each: others read, too.
    private static let pause = Duration.milliseconds(100)

    var description: String { "photos" }

    func run() async throws {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                let gone = try await cancelWhenGracefulShutdown { try await sweep(nowMs: WallClock.system.nowMs()) }
                if gone > 0 { logger.info("photos.removed", metadata: ["count": .stringConvertible(gone)]) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("photos.sweep_failed", metadata: ["reason": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
        }
    }

    /// - Parameter nowMs: in milliseconds since the Unix epoch.
    /// - Returns: how many are gone.
    func sweep(nowMs: Int64) async throws -> Int {
        let untouchedSinceMs = nowMs - Self.unnamedMs
        let pool = NIOThreadPool.singleton
        var left = Set(try await pool.runIfActive { photos.names(untouchedSinceMs: untouchedSinceMs) })
        guard !left.isEmpty else { return 0 }
        left.subtract(try await reader.waitingPhotos())
        var request: Int64 = 0
        while true {
            let (named, next) = try await reader.namedPhotos(behindRequest: request)
            left.subtract(named.filter { isKept($0, nowMs) }.map(\.name))
            guard let next, !left.isEmpty else { break }
            request = next
            try await Task.sleep(for: Self.pause)
        }
        return try await pool.runIfActive { [left] in
            photos.remove(left.sorted(), untouchedSinceMs: untouchedSinceMs)
        }
    }

    private func isKept(_ photo: NamedPhoto, _ nowMs: Int64) -> Bool {
        guard keptMs > 0, let closedAtMs = photo.closedAtMs else { return true }
        return closedAtMs + keptMs > nowMs
    }
}
