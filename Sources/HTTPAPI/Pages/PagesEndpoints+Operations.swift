import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird
import Incidents
import IssueStorage
import NIOCore
import Open311
import Readings

extension PagesEndpoints {
    /// Health, and what is in quarantine with samples. Not for everyone: a sample may hold anything a device sent.
    func operations(_ call: Call) async throws -> Response {
        guard await isConfidant(call) else {
            throw GeoReportError(
                code: 403,
                "Operations can be seen from the machine that Sluice runs on, or with a key that may administer.")
        }
        let counts = try await pages.quarantineCounts()
        let newest = try await pages.quarantine(limit: 20)
        return .json(
            .fields([
                .init("health", health().document.content),
                .init(
                    "quarantine",
                    .list(
                        of: "reason",
                        counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map {
                            .fields([.init("reason", .text($0.key.label)), .init("count", .integer(Int64($0.value)))])
                        })),
                .init("memory_bytes", .integer(ifAny: Self.residentBytes())),
                .init("samples", .list(of: "sample", newest.map(Self.sample))),
            ]))
    }

    /// What the process holds in memory, as Linux counts it.
    private static func residentBytes() -> Int64? {
        guard let data = try? Data(contentsOf: URL(filePath: "/proc/self/statm")),
            let pages = String(decoding: data, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap({
                Int64($0)
            })
        else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func sample(_ entry: QuarantineEntry) -> GeoReportDocument.Node {
        let message = entry.message
        return .fields([
            .init("at", .integer(message.arrivedAtMs)), .init("reason", .text(message.reason.label)),
            .init("topic", .text(String(decoding: message.topic.prefix(200), as: UTF8.self))),
            .init("detail", .text(message.detail)),
            .init("payload", .text(String(decoding: message.payload.prefix(400), as: UTF8.self))),
            .init("bytes", .integer(Int64(message.payloadBytes))),
        ])
    }

    /// Whether the caller may see what is not for everyone.
    func isConfidant(_ call: Call) async -> Bool { await site.isConfidant(call) }
}
