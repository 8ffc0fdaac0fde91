internal import Dispatch
package import GRDB
public import Readings
internal import Synchronization

/// Read-only connections to a store, beside a running daemon or without one, from any process.
///
/// Each call sees one consistent snapshot and never delays the writer. Queries run on GRDB's own queues, so no thread
/// of Swift's cooperative pool is blocked; cancelling the task interrupts the query.
/// Where there is no database yet, calls throw ``StorageError/missing(path:)`` until the daemon has created it.
public final class IssueReader: Sendable {
    let path: String
    /// Sensors that the registry names, whether they were ever heard or not. It may block.
    let registry: @Sendable () throws -> [Sensor]
    private let pool = Mutex<DatabasePool?>(nil)
    private let opening = DispatchQueue(label: "sluice.reader.open")

    /// Opens the database in `directory` now, if it is there.
    ///
    /// - Parameter registry: sensors that are known before they are heard. Called for each query that tells of sensors or
    ///   assets, off Swift's cooperative pool.
    /// - Throws: ``StorageError`` if the file there is not a store that this version can read.
    public init(
        directory: String, registry: @escaping @Sendable () throws -> [Sensor] = { [] }
    ) throws(StorageError) {
        self.registry = registry
        path = StoreDatabase.path(in: directory)
        do {
            _ = try open()
        } catch {
            if case .missing = error { return }
            throw error
        }
    }

    /// Bytes of the database and its write-ahead log on disk; 0 if there is none.
    public func databaseBytes() -> Int { fileBytes(path) + fileBytes(path + "-wal") }

    /// Runs `query` on a reader's connection, in one snapshot.
    /// - Parameter doing: what is read, for the error's sentence.
    package func read<Value: Sendable>(
        _ doing: String, _ query: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await connections().read(query)
        } catch let error as CancellationError {
            throw error
        } catch {
            // An interrupted query is a cancelled one.
            if let error = error as? DatabaseError, error.resultCode == .SQLITE_INTERRUPT { throw CancellationError() }
            throw StorageError(error, path: path, doing: "reading \(doing)", isReader: true)
        }
    }

    private func connections() async throws -> DatabasePool {
        if let pool = pool.withLock({ $0 }) { return pool }
        return try await withCheckedThrowingContinuation { continuation in
            opening.async { continuation.resume(with: Result { try self.open() }) }
        }
    }

    /// The pool, opened if it is not. Blocks.
    private func open() throws(StorageError) -> DatabasePool {
        if let pool = pool.withLock({ $0 }) { return pool }
        // An empty file is one that the daemon is only just creating.
        guard fileBytes(path) > 0 else { throw .missing(path: path) }
        var configuration = Configuration()
        configuration.label = "sluice.reader"
        configuration.readonly = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { [path] db in try Schema.check(db, path: path, isReader: true) }
        do {
            let opened = try DatabasePool(path: path, configuration: configuration)
            pool.withLock { $0 = opened }
            return opened
        } catch {
            throw StorageError(error, path: path, doing: "opening", isReader: true)
        }
    }
}
