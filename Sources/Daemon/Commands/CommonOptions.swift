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

    func reader() throws -> IssueReader { try IssueReader(directory: try directory()) }
}
