import Settings
import Foundation
import Simulation
import Testing

/// A configuration file is written by people and programs in a hurry: whatever stands in it, it is read or refused with
/// sentences, and never ends the program.
@Suite struct ConfigurationMutationTests {
    private static let shipped: [UInt8] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/sluice.yaml")
        // With its defaults taken in: every key is set.
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return Array(text.replacing(/(?m)^(\s*)#(?=[a-z_-])/) { "\($0.output.1)" }.utf8)
    }()

    /// Words that YAML, or we, give a meaning to.
    private static let words: [[UInt8]] = [
        "[", "]", "{", "}", ":", ": ", "- ", "&a ", "*a", "!!binary ", "? ", "|\n", ">", "'", "\"", "#", "\n", "\t",
        "~", "\u{0}",
        "<<: *a", "---\n", "...\n", "%YAML 1.2\n", "\\", "0x", "1e999", "-1", "99999999999999999999", ".nan",
        "\u{FEFF}", "é",
        "${HOME}", "+", "/", "#/", "{sensor}", "{kind}",
    ].map { Array($0.utf8) }

    /// Where the file's groups begin.
    private static let groups: [Int] = shipped.indices.filter { place in
        place == 0 || shipped[place - 1] == UInt8(ascii: "\n") && (0x61...0x7A).contains(shipped[place])
    }

    private static func mutated(_ dice: inout SeededGenerator) -> [UInt8] {
        // One group of the file, so that what is changed matters.
        let group = Int.random(in: 0..<groups.count, using: &dice)
        var text = Array(shipped[groups[group]..<(group + 1 < groups.count ? groups[group + 1] : shipped.count)])
        for _ in 0..<Int.random(in: 0...6, using: &dice) {
            let place = Int.random(in: 0...text.count, using: &dice)
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: text.insert(contentsOf: words.randomElement(using: &dice) ?? [], at: place)
            case 1 where place < text.count: text[place] = UInt8.random(in: .min ... .max, using: &dice)
            case 2: text.removeSubrange(place..<min(text.count, place + Int.random(in: 0...40, using: &dice)))
            case 3: text.insert(contentsOf: text[(place / 2)..<place], at: place)
            default: text.insert(contentsOf: [0x20, 0x20], at: place)
            }
        }
        return text
    }

    @Test func isReadOrRefusedWithSentences() {
        var dice = SeededGenerator(seed: 311)
        var read = 0
        for _ in 0..<1500 {
            let text = String(decoding: Self.mutated(&dice), as: UTF8.self)
            do throws(ConfigurationProblems) {
                let loaded = try Configuration.parse(text, source: "c.yaml", files: .none)
                #expect(loaded.settings.count > 100)
                read += 1
            } catch {
                #expect(!error.problems.isEmpty)
                for line in "\(error)".split(separator: "\n", omittingEmptySubsequences: false) {
                    #expect(line.hasPrefix("c.yaml:") && line.utf8.count < 1000, "\(line)")
                    #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(line)")
                }
            }
        }
        #expect(read > 10, "some are still right")
    }

    /// A key may hold anything that YAML can write.
    @Test func whatStandsInTheFileSteersNoTerminalAndForgesNoLine() {
        let error = #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(
                #"{"a\e[31m\nc.yaml: is right": 1, "http": {"port": "\u009b2J"}}"#, source: "c.yaml", files: .none)
        }
        let lines = "\(error.map { "\($0)" } ?? "")".split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("c.yaml:1:") }, "\(lines)")
        #expect(!lines.joined().unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(lines)")
    }

    /// Nor in the name of a variable that means nothing to us.
    @Test func aVariablesNameForgesNoLine() throws {
        let loaded = try Configuration.parse(
            "", source: "c.yaml", environment: ["SLUICE_A\nc.yaml: is right\u{1B}[31m": "1"], files: .none)
        #expect(loaded.warnings.count == 1)
        for warning in loaded.warnings {
            #expect(!warning.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(warning)")
        }
    }

    /// Ten lists of ten of each other: written out, ten thousand million words.
    @Test func whatRefersToItselfDoesNotGrow() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<10 {
            let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        #expect(throws: ConfigurationProblems.self) {
            try Configuration.parse(text + "routes: *a9\n", source: "c.yaml", files: .none)
        }
    }
}
