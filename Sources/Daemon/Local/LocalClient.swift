internal import Foundation
internal import IssueStorage
internal import Logging
internal import Metrics
internal import NIOCore
internal import NIOPosix
internal import Settings

/// A command's end of the local socket: asks the daemon that holds a data directory, or does the work itself where none does.
struct LocalClient: Sendable {
    let socket: LocalSocket
    /// After that long without an answer people are told what is waited for.
    private static let patience = Duration.seconds(5)

    /// - Parameter configured: `operations.socket`.
    init(directory: String, configured: String? = nil) {
        socket = LocalSocket(
            directory: directory, configured: configured, environment: ProcessInfo.processInfo.environment)
    }

    /// Asks, and returns what the answer says.
    ///
    /// - Parameter progress: told how far it is.
    /// - Throws: ``LocalError`` as the daemon told it; ``StorageError`` when there is no daemon and the store can't be opened.
    func ask<Result: Codable & Sendable>(
        _ command: String, _ body: some Encodable & Sendable, for type: Result.Type,
        progress: @escaping @Sendable (LocalProgress) -> Void = { _ in }
    ) async throws -> Result {
        let line = try LocalCoding.line(LocalQuestionWithBody(command: command, data: socket.directory, body: body))
        guard line.count <= LocalCoding.longestLine else {
            throw LocalError(
                code: "too_long", "that is more than \(LocalCoding.longestLine >> 20) MiB: bring it in parts")
        }
        if let answer = try await askAnyDaemon(line, for: type, progress) { return answer }
        return try await doAlone(line, for: type, progress)
    }

    /// Asks to see something. Where no daemon answers the store is read, and not opened for writing: that needs no lock.
    ///
    /// - Parameter configuration: whose rules explanations compare with where no daemon runs.
    func look<Result: Codable & Sendable>(
        _ command: String, _ body: some Encodable & Sendable, for type: Result.Type,
        configuration: @escaping @Sendable () throws -> Configuration
    ) async throws -> Result {
        let line = try LocalCoding.line(LocalQuestionWithBody(command: command, data: socket.directory, body: body))
        if let answer = try await askAnyDaemon(line, for: type, { _ in }) { return answer }
        var commands = LocalCommands()
        commands.addLooking(
            try LocalCommands.reader(of: socket.directory), directory: socket.directory, configuration: configuration)
        return try await answer(line, by: commands, for: type) { _ in }
    }

    /// Asks the daemon, and does nothing where none runs.
    ///
    /// - Returns: nil where no daemon holds the directory.
    /// - Throws: ``LocalError`` `unreachable` where one holds it and can't be asked.
    func askDaemon<Result: Codable & Sendable>(
        _ command: String, _ body: some Encodable & Sendable, for type: Result.Type
    ) async throws -> Result? {
        let line = try LocalCoding.line(LocalQuestionWithBody(command: command, data: socket.directory, body: body))
        return try await askAnyDaemon(line, for: type) { _ in }
    }

    private func askAnyDaemon<Result: Codable & Sendable>(
        _ line: Data, for type: Result.Type, _ progress: @escaping @Sendable (LocalProgress) -> Void
    ) async throws -> Result? {
        var refusal: LocalError?
        for path in socket.candidates {
            switch try await askDaemon(at: path, line, for: type, progress) {
            case .answered(let result): return result
            case .nobody: continue
            case .closed(let error): refusal = error
            }
        }
        // What a daemon holds is its alone, though its socket be gone; a closed socket may be that of another one.
        do {
            guard let holder = try DirectoryHolder.of(directory: socket.directory) else { return nil }
            throw refusal ?? unreachable(holder)
        } catch let error as StorageError {
            guard let refusal else { throw error }
            throw refusal
        }
    }

    private func unreachable(_ holder: DirectoryHolder) -> LocalError {
        let process = holder.process.map { ", process \($0)," } ?? ""
        return LocalError(
            code: "unreachable",
            "\(socket.directory): a daemon or another command\(process) holds this directory and does not answer at "
                + socket.candidates.joined(separator: " or ")
                + "; it may just be starting or stopping: try again in a moment. With operations.socket set, give its"
                + " configuration (--config); if the socket was deleted, restart the daemon")
    }

    /// What came of asking at one socket.
    private enum Attempt<Result: Sendable>: Sendable {
        case answered(Result)
        /// Nobody listens there, or the daemon of another directory.
        case nobody
        /// This user may not ask.
        case closed(LocalError)
    }

    private func askDaemon<Result: Codable & Sendable>(
        at path: String, _ line: Data, for type: Result.Type, _ progress: @escaping @Sendable (LocalProgress) -> Void
    ) async throws -> Attempt<Result> {
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
                }
        } catch let error as IOError where error.errnoCode == EACCES {
            return .closed(
                LocalError(
                    code: "not_permitted",
                    "\(path): this user may not speak to the daemon; try with sudo, or join its group"))
        } catch {
            return .nobody
        }
        let hungUp = LocalError(code: "hung_up", "the daemon hung up before it had answered; look at its log")
        // Some work takes long, so it is no error; but a daemon that hangs says nothing for ever.
        let watch = Task {
            try await Task.sleep(for: Self.patience)
            Terminal.complain(
                "sluice: the daemon has not answered for \(Self.patience.components.seconds) s; still waiting. If that goes on, see "
                    + "its log and http://…/health/live")
        }
        defer { watch.cancel() }
        do {
            return try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: line))
                var lines = LineReader()
                for try await bytes in inbound {
                    _ = lines.take(bytes)
                    while let line = lines.next() {
                        let answer = try LocalCoding.read(LocalAnswer<Result>.self, from: line)
                        watch.cancel()
                        if let told = answer.progress { progress(told) }
                        if let result = answer.result { return .answered(result) }
                        guard let error = answer.error else { continue }
                        if error.code == "other_directory" { return .nobody }
                        throw error
                    }
                }
                throw hungUp
            }
        } catch let error where error is IOError || error is ChannelError {
            throw hungUp
        }
    }

    /// Opens the store, which nobody else may hold.
    private func doAlone<Result: Codable & Sendable>(
        _ line: Data, for type: Result.Type, _ progress: @escaping @Sendable (LocalProgress) -> Void
    ) async throws -> Result {
        let directory = socket.directory
        let isNew = !FileManager.default.fileExists(atPath: StoreVerification.path(in: directory))
        let store = OfflineStore(
            try await offPool("sluice-open") {
                try IssueStore(
                    directory: directory, configuration: StoreConfiguration(), metrics: NOOPMetricsHandler.instance,
                    logger: Logger(label: "sluice") { _ in SwiftLogNoOpLogHandler() })
            })
        defer { store.close() }
        if isNew {
            // Right before a daemon's first start; most likely a mistyped folder at any other time.
            Terminal.complain(
                "sluice: \(URL(filePath: directory).standardizedFileURL.path) had no data: a new store was made there; a daemon "
                    + "that is to have it must be started on this directory")
        }
        var commands = LocalCommands.ofTheStore(
            store, try LocalCommands.reader(of: directory), photos: PhotoShelf(directory: directory, mostBytes: 0),
            clock: .system)
        commands.addOutbox(store, clock: .system)
        commands.addSensorImport(directory: directory) { false }
        commands.addAbsent()
        return try await answer(line, by: commands, for: type, progress)
    }

    /// What these commands make of the question, in this process.
    private func answer<Result: Codable & Sendable>(
        _ line: Data, by commands: LocalCommands, for type: Result.Type,
        _ progress: @escaping @Sendable (LocalProgress) -> Void
    ) async throws -> Result {
        let answer = await commands.answer(line, directory: socket.directory, right: .administer) { progress($0) }
        let read = try LocalCoding.read(LocalAnswer<Result>.self, from: answer)
        if let result = read.result { return result }
        throw read.error ?? LocalError(code: "failed", "the command has no answer")
    }
}
