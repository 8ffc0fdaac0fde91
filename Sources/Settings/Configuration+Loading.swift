internal import FoundationEssentials

extension Configuration {
    /// A configuration that holds, and what is to be said about it.
    package struct Loaded: Sendable {
        package var configuration: Configuration
        /// What works but should be looked at, to be logged at start; as lines like those of problems.
        package var warnings: [String]
        /// Every key with its value and where that was set, for `sluice check`.
        package var settings: [Setting]
        /// The file, as it was named, or "default" when there was none.
        package var source: String
        /// The file's text.
        package var text: String
        /// Variables that have set a key, with what they say.
        package var variables: [String: String]
    }

    /// A file longer than this is no configuration.
    private static let longestFile = 1 << 20

    /// Reads a file and the environment.
    ///
    /// - Parameters:
    ///   - path: the YAML file, or nil for defaults and environment alone.
    ///   - environment: variables called `SLUICE_` and the key win over the file: `SLUICE_HTTP_PORT=80`. The key's dots, dashes and
    ///     list numbers become `_`; an empty variable counts as absent.
    ///   - files: looks whether the files that it names exist.
    /// - Throws: every problem at once.
    package static func load(
        path: String?, environment: [String: String], files: FileProbe = .system
    ) throws(ConfigurationProblems) -> Loaded {
        guard let path else { return try parse("", source: "default", environment: environment, files: files) }
        func refuse(_ sentence: String) -> ConfigurationProblems {
            let problem = ConfigurationProblem(place: .standard, key: "", sentence: sentence)
            return ConfigurationProblems(source: path, problems: [problem])
        }
        if let sentence = FileProbe.system.problem(path, .file) { throw refuse(sentence) }
        guard let bytes = FileManager.default.contents(atPath: path) else { throw refuse("can't be read") }
        guard bytes.count <= longestFile else { throw refuse("is longer than 1 MiB; that is no configuration") }
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        return try parse(
            String(decoding: bytes, as: UTF8.self), source: path, folder: folder, environment: environment, files: files
        )
    }

    /// Reads a YAML text and the environment.
    ///
    /// - Parameters:
    ///   - source: the name to report problems under.
    ///   - folder: where relative paths in the text start; empty for the working folder.
    /// - Throws: every problem at once.
    package static func parse(
        _ text: String, source: String, folder: String = "", environment: [String: String] = [:],
        files: FileProbe = .system
    ) throws(ConfigurationProblems) -> Loaded {
        let document = YAMLDocument(text)
        var reader = ConfigurationReader(folder: folder, environment: environment, files: files)
        reader.add(document.problems)
        var configuration = Configuration()
        if let directory = environment["STATE_DIRECTORY"]?.split(separator: ":").first {
            configuration.storage.directory = String(directory)
        }
        reader.group(document.root, at: "", keys, into: &configuration)
        configuration.settle(in: &reader)
        guard reader.problems.isEmpty else { throw ConfigurationProblems(source: source, problems: reader.problems) }
        return Loaded(
            configuration: configuration, warnings: reader.warnings.inReadingOrder.map { $0.line(source: source) },
            settings: reader.settings, source: source, text: text, variables: reader.usedVariables)
    }
}
