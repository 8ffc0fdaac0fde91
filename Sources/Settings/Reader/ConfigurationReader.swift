/// Walks the tables of keys over a file and the environment, and collects everything that is wrong.
struct ConfigurationReader {
    /// Folder of the file, for relative paths; empty for the working folder.
    let folder: String
    let environment: [String: String]
    let files: FileProbe

    /// Names of the map's wards, once they have been read.
    var wards: [String]?

    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []
    /// Every key that was looked for, with its value as text and where that came from.
    private(set) var settings: [Setting] = []
    private var places: [String: Place] = [:]
    private var variables: Set<String> = []

    init(folder: String, environment: [String: String], files: FileProbe) {
        (self.folder, self.environment, self.files) = (folder, environment, files)
    }

    // MARK: Reporting

    /// Adds a problem about `path`, at the place where its value stands, or the nearest group around it.
    mutating func report(_ path: String, _ sentence: String) {
        problems.append(ConfigurationProblem(place: place(of: path), key: path, sentence: sentence))
    }

    /// Adds what a part says against its own values, each sentence starting with its key below `path`.
    mutating func report(_ sentences: [String], below path: String) {
        for sentence in sentences {
            let parts = sentence.split(separator: ":", maxSplits: 1)
            report("\(path).\(parts[0])", parts.count > 1 ? String(parts[1].trimmingPrefix(" ")) : sentence)
        }
    }

    /// The same for what works but should be looked at.
    mutating func warn(_ path: String, _ sentence: String) {
        warnings.append(ConfigurationProblem(place: place(of: path), key: path, sentence: sentence))
    }

    mutating func add(_ more: [ConfigurationProblem]) { problems += more }

    /// Whether something is wrong at `path` or below it, so that what depends on it can't be judged.
    func hasProblem(at path: String) -> Bool {
        problems.contains { $0.key == path || $0.key.hasPrefix("\(path).") || $0.key.hasPrefix("\(path)[") }
    }

    /// Whether `path` is set by the file or the environment.
    func isSet(_ path: String) -> Bool { places[path] != nil }

    private func place(of path: String) -> Place {
        var path = Substring(path)
        while true {
            if let place = places[String(path)] { return place }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return .standard }
            path = path[..<end]
        }
    }

    /// Keeps a key's effective value for ``Configuration/Loaded/settings``.
    mutating func note(_ path: String, _ value: String?) {
        settings.append(Setting(key: path, value: value, place: places[path] ?? .standard))
    }

    /// Forgets the noted keys below `path` that nobody has set.
    mutating func dropUnset(below path: String) {
        settings.removeAll { $0.place == .standard && $0.key.hasPrefix(path + ".") }
    }

    // MARK: Reading

    /// Reads a group: each key of the table, then complains of keys that are in no table.
    mutating func group<Root>(_ entry: Entry?, at path: String, _ keys: [Key<Root>], into root: inout Root) {
        var members: [Entry.Member] = []
        switch entry {
        case .group(let found, let place):
            members = found
            places[path] = place
        case .empty(let place): places[path] = place
        case nil: break
        case .some(let other):
            places[path] = other.place
            // `port:80` is one word to YAML.
            let isGlued = if case .scalar(let text, _) = other { text.contains(":") } else { false }
            let hint = isGlued ? " (a blank is missing after the colon)" : ""
            report(path, "must be a group of keys, found \(other.found)\(hint)")
        }
        for key in keys {
            let member = members.first { $0.key == key.name }
            key.read(member?.value, Self.path(path, key.name), &root, &self)
        }
        let names = keys.map(\.name)
        for member in members where !names.contains(member.key) {
            let nearest = NearestName.of(member.key, among: names)
            let hint = nearest.map { "did you mean \($0)?" } ?? "known here: \(names.joined(separator: ", "))"
            let name = Self.path(path, member.key)
            problems.append(ConfigurationProblem(place: member.place, key: name, sentence: "unknown key; \(hint)"))
        }
    }

    /// The entries of a list, or nil when the file does not have it.
    mutating func list(_ entry: Entry?, at path: String) -> [Entry]? {
        switch entry {
        case .list(let entries, let place):
            places[path] = place
            for (index, entry) in entries.enumerated() { places["\(path)[\(index)]"] = entry.place }
            return entries
        case nil, .empty:
            settings.append(Setting(key: path, value: nil, place: .standard))
            return nil
        case .some(let other):
            places[path] = other.place
            report(path, "must be a list (lines that start with -), found \(other.found)")
            return nil
        }
    }

    /// A group of words that the operator chooses, each with a number behind it; nil when the file does not have it.
    mutating func numbers(_ entry: Entry?, at path: String) -> [String: Double]? {
        guard let entry else { return nil }
        places[path] = entry.place
        guard case .group(let members, _) = entry else {
            report(path, "must be a group of words with a number each, found \(entry.found)")
            return nil
        }
        var numbers: [String: Double] = [:]
        for member in members {
            guard case .scalar(let text, _) = member.value, let number = Double(text), number.isFinite else {
                report("\(path).\(member.key)", "must be a number, found \(member.value.found)")
                continue
            }
            numbers[member.key] = number
        }
        return numbers
    }

    /// A value from the environment if it has one, else from the file; nil if neither has it or it is wrong.
    mutating func scalar<Value>(_ entry: Entry?, at path: String, _ syntax: Syntax<Value>) -> Value? {
        guard let text = text(entry, at: path, expected: syntax.expected) else { return nil }
        if let value = syntax.parse(text) { return value }
        let found = syntax.quotesMistakes ? Misfit.shown(text) : "something else (not shown: it may be a secret)"
        let isFraction = syntax.isWhole && Double(text).map { $0 != $0.rounded() } ?? false
        report(path, "must be \(isFraction ? "a whole number, " : "")\(syntax.expected), found \(found)")
        return nil
    }

    /// A path made absolute from the folder that it is relative to; nil as above, or when what it names is missing.
    mutating func path(_ entry: Entry?, at path: String, existing kind: FileProbe.Kind?) -> String? {
        guard let text = text(entry, at: path, expected: "a path") else { return nil }
        guard !text.isEmpty, !text.contains(where: \.isNewline) else {
            report(path, "must be a path, found \(Misfit.shown(text))")
            return nil
        }
        let resolved = resolve(text, at: path)
        guard let kind, let sentence = files.problem(resolved, kind) else { return resolved }
        report(path, "must be \(kind.rawValue): \(Misfit.shown(resolved)) \(sentence)")
        return nil
    }

    /// Relative paths of the file start at its folder; those of the environment at the working folder.
    func resolve(_ text: String, at path: String) -> String {
        guard case .file = place(of: path), !text.hasPrefix("/"), !folder.isEmpty else { return text }
        return folder + "/" + (text.hasPrefix("./") ? String(text.dropFirst(2)) : text)
    }

    private mutating func text(_ entry: Entry?, at path: String, expected: String) -> String? {
        let name = Self.variable(for: path)
        variables.insert(name)
        if let text = environment[name], !text.isEmpty {
            places[path] = .variable(name)
            return text
        }
        switch entry {
        case nil, .empty: return nil
        case .scalar(let text, let place):
            places[path] = place
            return text
        case .some(let other):
            places[path] = other.place
            report(path, "must be \(expected), found \(other.found)")
            return nil
        }
    }

    // MARK: Environment

    /// `SLUICE_`, then the key with `.`, `-` and `[n]` as `_`, in capitals: `SLUICE_HTTP_PORT`, `SLUICE_MQTT_BROKERS_0_HOST`.
    static func variable(for path: String) -> String {
        "SLUICE_" + path.uppercased().replacing("]", with: "").map { ".-[".contains($0) ? "_" : String($0) }.joined()
    }

    func hasVariable(below path: String) -> Bool {
        let prefix = Self.variable(for: path) + "_"
        return environment.contains { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
    }

    /// Variables that have set a key. Secrets are not among them: no key takes one.
    var usedVariables: [String: String] {
        var used: [String: String] = [:]
        for case .variable(let name) in places.values { used[name] = environment[name] }
        return used
    }

    /// Reports what sets a key that may not be set, in the file or in the environment.
    mutating func refuse(_ entry: Entry?, at path: String, _ sentence: String) {
        if let entry { problems.append(ConfigurationProblem(place: entry.place, key: path, sentence: sentence)) }
        let name = Self.variable(for: path)
        variables.insert(name)
        guard let text = environment[name], !text.isEmpty else { return }
        problems.append(ConfigurationProblem(place: .variable(name), key: path, sentence: sentence))
    }

    /// Warns of variables that set nothing: a typing mistake, or another program's (Kubernetes makes `SLUICE_PORT_…` for a
    /// service called sluice), so not a reason to refuse to run.
    /// - Parameter others: variables that the configuration names itself.
    mutating func warnOfUnusedVariables(except others: Set<String>) {
        let known = variables.sorted()
        for name in environment.keys.sorted()
        where name.hasPrefix("SLUICE_") && !variables.contains(name) && !others.contains(name) {
            let hint = NearestName.of(name, among: known).map { "did you mean \($0)?" } ?? "it has no effect"
            warnings.append(
                ConfigurationProblem(place: .variable(name), key: "", sentence: "names no setting; \(hint)"))
        }
    }

    private static func path(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
