package import GRDB
public import Incidents
public import Readings

/// One entry of the stream log.
public enum RecoveredEntry: Sendable, Equatable {
    /// Out of line: the others are small and come by the million.
    indirect case sensor(CommitBatch.NewSensor)
    case reading(LoggedReading)
    case event(StreamEvent)
    indirect case command(LoggedCommand)
    /// Other rules, another registry: from here on these sensors are what is said of them here.
    indirect case change(LoggedCommand, sensors: [Sensor])
}

extension RecoveredEntry {
    /// Streams the log of `db` behind `sequence`, in its order, with all sensors in their places, each as it was known there:
    /// those that were met before as they were known at `sequence`.
    package static func stream(
        _ db: Database, after sequence: Int64, _ visit: (RecoveredEntry) throws -> Void
    ) throws {
        var log = try LogCursor(db, after: sequence)
        while let entry = try log.next() { try visit(entry) }
    }
}

extension IssueStore {
    /// Streams the log in sequence order: sensors, readings, events and commands merged. Before the store is started.
    /// Some 4 million entries a second.
    ///
    /// - Parameter sequence: what is behind it is streamed; 0 streams them all. Sensors are always streamed
    ///   all, each in its place, so those that were met before come first.
    /// - Throws: ``StorageError``, or what `visit` throws. When it is ``StorageError/corrupted(path:detail:)``, the database
    ///   has been moved aside and a new one begun (``recoveredFromDamage``): start over with ``storedState()``, and with
    ///   nothing of what was streamed.
    public func recover(after sequence: Int64 = 0, _ visit: (RecoveredEntry) throws -> Void) throws {
        var stopped: (any Error)?
        do {
            try beforeStart { db in
                try RecoveredEntry.stream(db, after: sequence) { entry in
                    do {
                        try visit(entry)
                    } catch {
                        stopped = error
                        throw error
                    }
                }
            }
        } catch {
            if let stopped { throw stopped }
            let doing = "reading the stream log"
            guard DamagedFiles.isDamage(error) else { throw StorageError(error, path: database.path, doing: doing) }
            let isReplaced = try replaceDamaged(error) { db in
                try RecoveredEntry.stream(db, after: sequence) { _ in }
            }
            if isReplaced { throw StorageError.corrupted(path: database.path, detail: "\(error)") }
            throw StorageError.failed(
                path: database.path, doing: doing, reason: "\(error), but not a second time: start again")
        }
    }

    /// What the last run left. Before the store is started.
    ///
    /// A database that turns out to be damaged is moved aside, and what could be saved from it is returned: see
    /// ``recoveredFromDamage``.
    public func storedState() throws(StorageError) -> StoredState {
        do {
            return try beforeStart(StoredState.init)
        } catch  where DamagedFiles.isDamage(error) {
            // Sound or new, it is another connection now, and asked once.
            _ = try replaceDamaged(error) { _ = try StoredState($0) }
        } catch {
            throw StorageError(error, path: database.path, doing: Self.readingState)
        }
        do {
            return try beforeStart(StoredState.init)
        } catch {
            throw StorageError(error, path: database.path, doing: Self.readingState)
        }
    }

    /// The last update's number of each of these requests that has any. Before the store is started.
    ///
    /// - Complexity: O(log n) each.
    public func lastUpdates(ofRequests ids: [Int64]) throws(StorageError) -> [Int64: Int] {
        do {
            return try beforeStart { db in
                let last = try db.makeStatement(sql: "SELECT max(number) FROM request_update WHERE request_id = ?")
                var numbers: [Int64: Int] = [:]
                for id in ids { numbers[id] = try Int.fetchOne(last, arguments: [id]) }
                return numbers
            }
        } catch {
            throw StorageError(error, path: database.path, doing: Self.readingState)
        }
    }

    private static let readingState = "reading what was filed"
}
