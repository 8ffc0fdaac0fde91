internal import Foundation

/// Where a crash test keeps its files: a temporary folder that goes with it, or one that stays.
final class WorkFolder {
    let path: String
    private let isKept: Bool

    init(_ kept: String?) throws {
        isKept = kept != nil
        path =
            kept.map { URL(filePath: $0).absoluteURL.path }
            ?? FileManager.default.temporaryDirectory.appending(path: "sluice-crash-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { if !isKept { try? FileManager.default.removeItem(atPath: path) } }
}
