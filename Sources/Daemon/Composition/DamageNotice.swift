internal import Foundation
internal import Incidents
internal import IssueStorage
internal import Open311
internal import Pipeline

/// Tells people that a damaged database was moved aside: a request that stays open until somebody has taken the file away.
struct DamageNotice {
    private static let kind = "store-damage"

    let directory: String

    /// Files a notice of what this start found, and closes those whose files are gone.
    func update(
        _ processor: inout StreamProcessor, found damage: DamageReport?, stored: StoredState, atMs: Int64,
        into batch: CommitBatch
    ) {
        for request in stored.openRequests where request.detector == Self.kind {
            guard !FileManager.default.fileExists(atPath: "\(directory)/\(request.sensorID)") else { continue }
            IncidentBook.close(
                request, lastUpdate: stored.lastUpdates[request.id] ?? 0, because: "the file has been taken away.",
                nowMs: atMs, into: batch)
        }
        if let damage { processor.file(notice(of: damage), atMs: atMs, into: batch) }
    }

    private func notice(of damage: DamageReport) -> Notice {
        let name = URL(filePath: damage.path).lastPathComponent
        let kept =
            damage.salvagedRequests > 0
            ? "\(damage.salvagedRequests) requests and \(damage.salvagedSensors) sensors were copied from it"
            : "nothing could be copied from it"
        return Notice(
            kind: Self.kind, subject: name, title: "The issue store was damaged and has been begun anew",
            description:
                "At a start the issue store's database was found damaged. It was moved aside as \(name); \(kept). "
                + "Readings from before are only in that file, and what is usual is learned anew, "
                + "so that some leaks and jams may be seen later than they would have been.",
            advice:
                "An operator rescues what is worth it (sqlite3 \(name) .recover), looks at the disk, and takes the file "
                + "away; the next start then closes this request.",
            severity: 3)
    }
}
