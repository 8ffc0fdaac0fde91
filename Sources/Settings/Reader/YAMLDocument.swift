internal import Yams

/// A YAML text as ``Entry`` values with their places, and what YAML itself has against it.
struct YAMLDocument {
    private(set) var root = Entry.empty(.standard)
    private(set) var problems: [ConfigurationProblem] = []
    /// Keys that stood twice, by the round in which one was blanked, with the place that YAML names for it.
    private var doubled: [(name: String, place: Place)] = []
    /// Aliases multiply what a file says; no configuration comes near this many values.
    private var allowance = 100_000

    init(_ text: String) {
        var text = text
        var isComposed = false
        do throws(Stop) {
            try refuseControlCharacters(in: text)
            // Yams stops at a key that stands twice. Blanking one of the two and starting again finds everything else too.
            for round in 0..<64 {
                if let node = try compose(&text, round: round) {
                    isComposed = true
                    root = try entry(node, at: "")
                    return
                }
            }
        } catch {
            // Where the file can't be read as a whole, nobody can say which group they are in.
            for (name, place) in doubled where !isComposed {
                report(place, name, "stands twice in one group; keep one")
            }
        }
    }

    /// The rest cannot be read; what is wrong is in `problems`.
    private struct Stop: Error {}

    private mutating func report(_ place: Place, _ key: String, _ sentence: String) {
        problems.append(ConfigurationProblem(place: place, key: key, sentence: sentence))
    }

    private static func place(_ mark: Mark?) -> Place {
        mark.map { .file(line: $0.line, column: $0.column) } ?? .standard
    }

    private mutating func refuseControlCharacters(in text: String) throws(Stop) {
        var (line, column) = (1, 1)
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 && !"\n\r\t".unicodeScalars.contains(scalar)
            if isControl || scalar.value == 0x7F || scalar == "\u{FFFD}" {
                report(.file(line: line, column: column), "", "must be UTF-8 text without control characters")
                throw Stop()
            }
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
    }

    /// The document's root; nil when a key stood twice, was reported and blanked, so that another round is needed.
    private mutating func compose(_ text: inout String, round: Int) throws(Stop) -> Node? {
        do {
            return try Yams.compose(yaml: text, .basic, .default, .utf8) ?? Node("")
        } catch YamlError.duplicatedKeysInMapping(let names, let context) {
            guard let name = names.first, let blanked = Self.blank(name, at: context.mark, in: text, round: round)
            else {
                report(Self.place(context.mark), names.first ?? "", "stands twice in one group; keep one")
                throw Stop()
            }
            doubled.append((name, Self.place(context.mark)))
            text = blanked
            return nil
        } catch YamlError.scanner(let context, let problem, let mark, _) {
            // A quotation mark that nothing closes is told where it stands, not at the file's end, where it was missed.
            let isOpen = problem.contains("unexpected end of stream") && context?.text.contains("quoted scalar") == true
            if let opening = context?.mark, isOpen {
                report(Self.place(opening), "", "a quotation mark opens here that is never closed")
            } else {
                report(Self.place(mark), "", Self.sentence(problem, mark, text))
            }
        } catch YamlError.parser(_, let problem, let mark, _) {
            report(Self.place(mark), "", Self.sentence(problem, mark, text))
        } catch YamlError.composer(_, let problem, let mark, _) {
            report(Self.place(mark), "", Self.sentence(problem, mark, text))
        } catch {
            report(.standard, "", "is not YAML that can be read")
        }
        throw Stop()
    }

    /// libyaml's words without its excerpt of the file, which may hold anything.
    private static func sentence(_ problem: String, _ mark: Mark, _ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = mark.line <= lines.count ? Array(lines[mark.line - 1].unicodeScalars) : []
        if line.prefix(mark.column).contains("\t") {
            return "a tab stands where YAML wants spaces; indent with spaces"
        }
        // What libyaml leaves half a sentence.
        if problem.contains("found another document") { return "a second document begins here; keep one" }
        if problem.contains("nesting level") { return "nests too deeply for a configuration" }
        return "not valid YAML: \(problem)"
    }

    /// The text with the key at `mark` replaced by as many private-use characters: unique, and every place stays true.
    private static func blank(_ key: String, at mark: Mark, in text: String, round: Int) -> String? {
        var scalars = Array(text.unicodeScalars)
        var line = 1
        guard
            var index = scalars.indices.first(where: { i in
                if line == mark.line { return true }
                if scalars[i] == "\n" { line += 1 }
                return false
            }), let filler = Unicode.Scalar(blankBase + UInt32(round))
        else { return nil }
        index += mark.column - 1
        if index < scalars.count, scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        let wanted = Array(key.unicodeScalars)
        guard !wanted.isEmpty, index + wanted.count <= scalars.count,
            Array(scalars[index..<index + wanted.count]) == wanted
        else { return nil }
        scalars.replaceSubrange(index..<index + wanted.count, with: repeatElement(filler, count: wanted.count))
        var blanked = String.UnicodeScalarView()
        blanked.append(contentsOf: scalars)
        return String(blanked)
    }

    /// U+E000, the first private-use character.
    private static let blankBase: UInt32 = 0xE000

    /// The key that stood twice, in the place of which this one was put.
    private func doubled(behind key: String) -> String? {
        guard let first = key.unicodeScalars.first?.value, first >= Self.blankBase else { return nil }
        let round = Int(first - Self.blankBase)
        return doubled.indices.contains(round) ? doubled[round].name : nil
    }

    private mutating func entry(_ node: Node, at path: String) throws(Stop) -> Entry {
        allowance -= 1
        guard allowance > 0 else {
            report(Self.place(node.mark), String(path.prefix { $0 != "[" }), "holds more than 100,000 values")
            throw Stop()
        }
        let place = Self.place(node.mark)
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            return isPlain && ["", "~", "null"].contains(scalar.string) ? .empty(place) : .scalar(scalar.string, place)
        case .sequence(let sequence):
            var items: [Entry] = []
            for (index, item) in sequence.enumerated() { items.append(try entry(item, at: "\(path)[\(index)]")) }
            return .list(items, place)
        case .mapping(let mapping):
            return .group(try members(mapping, at: path), place)
        case .alias:
            report(Self.place(node.mark), path, "an alias that names no anchor")
            throw Stop()
        }
    }

    private mutating func members(_ mapping: Node.Mapping, at path: String) throws(Stop) -> [Entry.Member] {
        var members: [Entry.Member] = []
        var lines: [String: Int] = [:]
        for (key, value) in mapping {
            guard case .scalar(let name) = key else {
                report(Self.place(key.mark), path, "a key must be a single word")
                continue
            }
            let (former, place) = (doubled(behind: name.string), Self.place(key.mark))
            let word = former ?? name.string
            let full = path.isEmpty ? word : "\(path).\(word)"
            if let line = lines[word] {
                report(place, full, "stands twice in one group, first on line \(line); keep one")
            }
            if case .file(let line, _) = place { lines[word] = lines[word] ?? line }
            if former != nil { continue }
            members.append(.init(key: name.string, place: place, value: try entry(value, at: full)))
        }
        return members
    }
}
