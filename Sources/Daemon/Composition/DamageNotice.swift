internal import Foundation
package import Incidents
package import IssueStorage
internal import Open311
internal import Pipeline

/// Tells people of damaged databases that were moved aside: one request for each, which stays open until somebody has taken
/// the file away.
///
/// Told by what lies in the directory, and not only by what this start found: a start may end before its first commit.
package struct DamageNotice {
    private static let kind = "store-damage"
    /// Why a notice is closed.
    package static let isGone = "the file has been taken away."
    private static let prefix = "sluice.db.damaged-"

    let directory: String

    /// Files a notice of each file that has none, and closes those whose files are gone.
    ///
    /// - Parameter damage: what this start found, if it did.
    func update(
        _ processor: inout StreamProcessor, found damage: DamageReport?, stored: StoredState, atMs: Int64,
        into batch: CommitBatch
    ) {
        let files = damagedFiles
        for request in stored.openRequests where request.detector == Self.kind && !files.contains(request.sensorID) {
            IncidentBook.close(
                request, lastUpdate: stored.lastUpdates[request.id] ?? 0, because: Self.isGone,
                nowMs: atMs, into: batch)
        }
        for name in files {
            let isFound = damage.map { URL(filePath: $0.path).lastPathComponent == name } ?? false
            let notice = Self.notice(of: name, isFound ? damage : nil)
            guard stored.requestIDs[notice.incidentKey] == nil else { continue }
            processor.file(notice, atMs: atMs, into: batch)
        }
    }

    private var damagedFiles: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasPrefix(Self.prefix) && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }

    /// - Parameter damage: what the start that moved it aside found; nil for another's.
    package static func notice(of name: String, _ damage: DamageReport?) -> Notice {
        let kept =
            damage.map {
                $0.salvagedRequests > 0
                    ? " \($0.salvagedRequests) requests and \($0.salvagedSensors) sensors were copied from it."
                    : " Nothing could be copied from it."
            } ?? ""
        return Notice(
            kind: kind, subject: name, title: "The issue store was damaged and has been begun anew",
            description: """
                At a start the issue store's database was found damaged. It was moved aside as \(name).\(kept) \
                Readings from before are only in that file, and what is usual is learned anew, so that some leaks and jams \
                may be seen later than they would have been.
                """,
            advice: """
                An operator rescues what is worth it (sqlite3 \(name) .recover), looks at the disk, and takes the file \
                away; the next start then closes this request.
                """,
            severity: 3)
    }
}
