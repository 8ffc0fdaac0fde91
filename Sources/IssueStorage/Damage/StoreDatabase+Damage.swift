package import GRDB
package import Logging

/// Finding damage at a start, and going on with a new file.
///
/// Damage is believed when two connections, one after the other, have read it: a disk that gave wrong bytes once may give
/// the right ones the next time. A page that can't be read at all is never damage: the start fails, and says so.
extension StoreDatabase {
    /// Opens the file, or a new one in its place if it is damaged: then the old one is moved aside.
    package func openSound(_ logger: Logger) throws(StorageError) -> (DatabaseQueue, DamageReport?) {
        let files = DamagedFiles(path: path)
        // The reserve is made by the first run.
        let wasInUse = fileBytes(DiskReserve.path(beside: path)) > 0
        if let problem = files.problem(wasInUse: wasInUse) { return try replace([], reason: problem, logger) }
        // A connection that saw damage stays open: closing it would move the log into the file.
        var open: [DatabaseQueue] = []
        do {
            return (try openChecked(&open), nil)
        } catch {
            guard DamagedFiles.isDamage(error) else { throw error }
            do {
                let queue = try openChecked(&open)
                for doubtful in open.dropLast() { try? doubtful.close() }
                notConfirmed(error, logger)
                return (queue, nil)
            } catch {
                guard DamagedFiles.isDamage(error) else { throw error }
                return try replace(open, reason: error.description, logger)
            }
        }
    }

    /// A second connection's opinion of damage that was met while reading.
    ///
    /// - Parameters:
    ///   - error: what the first connection said.
    ///   - read: what it was reading.
    /// - Returns: the connection to go on with, and a report if the damage is real: then that is a new database. `queue`
    ///   is closed in either case.
    func confirm(
        _ error: any Error, of queue: DatabaseQueue, _ logger: Logger, by read: (Database) throws -> Void
    ) throws(StorageError) -> (DatabaseQueue, DamageReport?) {
        var open = [queue]
        do {
            let second = try connect()
            open.append(second)
            try second.read(read)
            try prepare(second)
            try? queue.close()
            notConfirmed(error, logger)
            return (second, nil)
        } catch {
            let error = StorageError(error, path: path, doing: "reading")
            guard DamagedFiles.isDamage(error) else { throw error }
            return try replace(open, reason: error.description, logger)
        }
    }

    /// - Parameter open: gets the connection, whatever it turns out to be worth.
    private func openChecked(_ open: inout [DatabaseQueue]) throws(StorageError) -> DatabaseQueue {
        let queue = try connect()
        open.append(queue)
        try quickCheck(queue)
        try prepare(queue)
        return queue
    }

    /// Reads the whole file for damage, if it is small enough not to hold up a start: 0.2 s at the limit.
    /// Larger files are checked where they are read, recovery walks the whole log; and as a whole after damage was met.
    private func quickCheck(_ queue: DatabaseQueue, upToBytes limit: Int = 64 << 20) throws(StorageError) {
        let doubt = Doubt(of: path)
        guard fileBytes(path) <= limit || doubt.isNoted else { return }
        do {
            let found = try queue.writeWithoutTransaction { db in
                try String.fetchAll(db, sql: "PRAGMA quick_check")
            }
            switch CheckResult(found) {
            case .sound: doubt.clear()
            case .damaged(let detail): throw StorageError.corrupted(path: path, detail: detail)
            case .unreadable(let detail):
                throw StorageError.failed(path: path, doing: "checking", reason: "the disk can't read it: \(detail)")
            }
        } catch {
            throw StorageError(error, path: path, doing: "checking")
        }
    }

    private func notConfirmed(_ error: any Error, _ logger: Logger) {
        logger.error(
            "store.damage_not_confirmed",
            metadata: [
                "reason": "\(StorageError(error, path: path, doing: "reading"))",
                "effect": "a second connection read the same without a fault; the disk or the memory may be failing",
            ])
    }

    /// Moves the file aside and begins a new one, with what could be salvaged.
    /// - Parameter open: the connections to the damaged file; they are closed.
    private func replace(
        _ open: [DatabaseQueue], reason: String, _ logger: Logger
    ) throws(StorageError) -> (DatabaseQueue, DamageReport) {
        let target = try DamagedFiles(path: path).moveAside()
        Doubt(of: path).clear()
        // Only now: closing moves the log into the file and deletes it, where it still has its name.
        for queue in open { try? queue.close() }
        let fresh = try self.open()
        let salvage = Salvage(from: target, into: fresh)
        let report = DamageReport(
            path: target, reason: reason, salvagedRequests: salvage.requests, salvagedSensors: salvage.sensors)
        logger.critical(
            "store.damaged",
            metadata: [
                "reason": "\(reason)", "moved_to": "\(target)",
                "salvaged_requests": .stringConvertible(salvage.requests),
                "salvaged_sensors": .stringConvertible(salvage.sensors),
                "effect": "a new database was begun; the broker and its journal send again what they still hold",
            ])
        return (fresh, report)
    }
}
