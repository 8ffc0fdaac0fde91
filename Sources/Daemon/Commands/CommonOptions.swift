internal import ArgumentParser
internal import Foundation
internal import Settings

/// Where the configuration is, for every command that has one.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The configuration file (YAML). Without it every key has its default.", valueName: "file"),
        completion: .file())
    var config: String?

    /// The configuration of the file and the environment.
    func load() throws -> Configuration.Loaded {
        try Configuration.load(path: config, environment: ProcessInfo.processInfo.environment)
    }
}

/// Which data directory a command looks into.
struct DataOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "The data directory, instead of the configuration's; without either, sluice-data here or /var/lib/sluice.",
            valueName: "folder"),
        completion: .directory)
    var data: String?

    func directory() throws -> String {
        if let data { return data }
        return try directory(of: try configuration.load().configuration)
    }

    /// Where nobody names a directory, and nobody has tried Sluice in this folder, the installed daemon's is meant.
    ///
    /// - Throws: where there is neither: a command that began a store here would serve no daemon.
    private func directory(of settings: Configuration) throws -> String {
        let (directory, installed) = (settings.storage.directory, "/var/lib/sluice")
        let isNamed = configuration.config != nil || directory != Configuration.Storage().directory
        if isNamed || FileManager.default.fileExists(atPath: directory) { return directory }
        if FileManager.default.fileExists(atPath: installed) { return installed }
        throw Failure(
            "there is no \(directory) in this folder, and no \(installed): name the daemon's data with --data FOLDER, "
                + "or its configuration with --config FILE", .noInput)
    }

    /// The way to the daemon that holds the directory.
    func client() throws -> LocalClient {
        if let data {
            // The folder is enough; a configuration that can't be read may be why somebody names it.
            return LocalClient(
                directory: data, configured: (try? configuration.load())?.configuration.operations.socket)
        }
        let settings = try configuration.load().configuration
        return LocalClient(directory: try directory(of: settings), configured: settings.operations.socket)
    }

    /// What `command` answers: the daemon that holds the directory, or where none runs this process, from the store.
    func look<Result: Codable & Sendable>(
        _ command: String, _ body: some Encodable & Sendable, for type: Result.Type
    ) async throws -> Result {
        let configuration = configuration
        return try await client().look(command, body, for: type) { try configuration.load().configuration }
    }

    /// The same of a page, printed.
    func show(_ command: String, _ body: some Encodable & Sendable) async throws {
        let page = try await look(command, body, for: LocalCommands.Page.self)
        for line in page.lines { Terminal.say(line) }
        if let note = page.note { Terminal.complain(note) }
    }
}

extension ParsableArguments {
    /// Refuses an option's value that lies out of bounds.
    func check<Value: BinaryInteger>(_ option: String, _ value: Value, in bounds: ClosedRange<Value>) throws {
        guard bounds.contains(value) else {
            throw ValidationError("\(option) must be \(bounds.lowerBound)–\(bounds.upperBound), found \(value)")
        }
    }
}
