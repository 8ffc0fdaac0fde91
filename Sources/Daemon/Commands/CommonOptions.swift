internal import ArgumentParser
internal import Foundation
internal import IssueStorage

/// Where the configuration is, for every command that has one.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The configuration file (YAML). Without it every key has its default.", valueName: "file"))
    var config: String?

    /// The configuration of the file and the environment.
    func load() throws -> Configuration.Loaded {
        try Configuration.load(path: config, environment: ProcessInfo.processInfo.environment)
    }
}

/// Which data directory a command looks into.
struct DataOptions: ParsableArguments {
    @OptionGroup var configuration: ConfigurationOptions

    @Option(help: ArgumentHelp("The data directory, instead of the configuration's.", valueName: "folder"))
    var data: String?

    func directory() throws -> String {
        if let data { return data }
        return try configuration.load().configuration.storage.directory
    }

    /// The way to the daemon that holds the directory.
    func client() throws -> LocalClient {
        if let data {
            // The folder is enough; a configuration that can't be read may be why somebody names it.
            return LocalClient(
                directory: data, configured: (try? configuration.load())?.configuration.operations.socket)
        }
        let settings = try configuration.load().configuration
        return LocalClient(directory: settings.storage.directory, configured: settings.operations.socket)
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

    func reader() throws -> IssueReader { try IssueReader(directory: try directory()) }
}
