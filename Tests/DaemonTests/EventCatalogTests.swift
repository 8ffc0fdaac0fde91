import Daemon
import Foundation
import Incidents
import Logging
import Telemetry
import Testing

/// The catalogue of events against the program's own sources, and against its reference page.
@Suite struct EventCatalogTests {
    /// One place in the sources where something is logged.
    private struct CallSite {
        var place: String
        var names: [String]
        /// The logger's method; nil for `log(level:)`.
        var level: String?
        var fields: [String: Field]
    }

    private struct Field {
        /// Given as a number or a truth value.
        var isNumber: Bool
        /// Given wherever this is logged; else only sometimes, or by another call of the same function.
        var isSure: Bool
    }

    private static let sources: URL = {
        var folder = URL(filePath: #filePath)
        while folder.lastPathComponent != "Tests" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent()
    }()

    // MARK: Reading the sources

    private static func callSites() throws -> [CallSite] {
        let folder = sources.appending(path: "Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var sites: [CallSite] = []
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "c" {
                sites += lastWords(in: try String(contentsOf: file, encoding: .utf8), file.lastPathComponent)
            }
            // The benchmarks are no part of the daemon.
            guard file.pathExtension == "swift", !file.path.contains("/Benchmarks/") else { continue }
            sites += callSites(in: try String(contentsOf: file, encoding: .utf8), file.lastPathComponent)
        }
        return sites
    }

    private static func callSites(in text: String, _ file: String) -> [CallSite] {
        let call = /\b(?:logger|log)\.(trace|debug|info|notice|warning|error|critical|log)\(/
            // In `parts.logger` the Unicode standard sees one word.
            .wordBoundaryKind(.simple)
        return text.matches(of: call).map { match in
            let inside = arguments(of: text[match.range.upperBound...])
            // Names stand before the metadata; keys in it, or in the function when it is put together before.
            let head = inside.range(of: "metadata:").map { inside[..<$0.lowerBound] } ?? inside[...]
            let isGathered = inside.contains(/metadata:\s*metadata\b/)
            let before = text[..<match.range.lowerBound]
            let function = before.range(of: "func ", options: .backwards)?.lowerBound ?? before.startIndex
            let fields = isGathered ? text[function..<match.range.lowerBound] : inside[head.endIndex...]
            let line = before.count { $0 == "\n" } + 1
            return CallSite(
                place: "\(file):\(line)", names: head.matches(of: /"([a-z_]+\.[a-z_]+)"/).map { String($0.output.1) },
                level: match.output.1 == "log" ? nil : String(match.output.1), fields: keys(in: fields))
        }
    }

    /// Lines that C writes where Swift can't any more: `{\"level\":\"critical\",\"event\":\"daemon.crashed\", …,\"signal\":`.
    private static func lastWords(in text: String, _ file: String) -> [CallSite] {
        text.matches(of: /\\"level\\":\\"([a-z]+)\\",\\"event\\":\\"([a-z_.]+)\\",(.*)/).map { match in
            let numbers = match.output.3.matches(of: /\\"([a-z_]+)\\":"/).map { String($0.output.1) }
            return CallSite(
                place: file, names: [String(match.output.2)], level: String(match.output.1),
                fields: Dictionary(
                    uniqueKeysWithValues: numbers.map { ($0, Field(isNumber: true, isSure: true)) }))
        }
    }

    /// What stands between the parentheses.
    private static func arguments(of text: Substring) -> String {
        var depth = 1
        var inside = ""
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if depth == 0 { break }
            inside.append(character)
        }
        return inside
    }

    private static func keys(in text: Substring) -> [String: Field] {
        var found: [String: Field] = [:]
        for match in text.matches(of: /"([a-z_]+)":\s*(\.stringConvertible\(|")/) {
            found[String(match.output.1)] = Field(isNumber: match.output.2 != "\"", isSure: true)
        }
        for match in text.matches(of: /metadata\["([a-z_]+)"\] = (\.stringConvertible\(|")/) {
            found[String(match.output.1)] = Field(isNumber: match.output.2 != "\"", isSure: false)
        }
        return found
    }

    // MARK: The tests

    @Test func everyEventOfTheProgramIsInTheCatalogueAndTheReverse() throws {
        let sites = try Self.callSites()
        #expect(sites.count > 50, "the sources have been read")
        var logged = Set(Decision.Event.allCases.map(\.rawValue))
        for site in sites {
            #expect(!site.names.isEmpty || site.level == nil, "\(site.place): an event's name is a literal")
            logged.formUnion(site.names)
        }
        #expect(logged.subtracting(EventCatalog.events.map(\.name)).sorted() == [], "not in the catalogue")
        #expect(Set(EventCatalog.events.map(\.name)).subtracting(logged).sorted() == [], "never logged")
    }

    @Test func levelsAreThoseOfTheCatalogue() throws {
        var levels: [String: Set<String>] = [:]
        for site in try Self.callSites() {
            for name in site.names { levels[name, default: []].insert(site.level ?? "") }
        }
        for decision in Decision.Event.allCases { levels[decision.rawValue] = [decision.level.rawValue] }
        for event in EventCatalog.events {
            #expect(levels[event.name] == Set(event.levels.map(\.rawValue)), "\(event.name)")
        }
    }

    @Test func fieldsAreThoseOfTheCatalogueWithTheirTypes() throws {
        var fields: [String: [String: Field]] = [:]
        for site in try Self.callSites() {
            let names = site.level == nil ? Decision.Event.allCases.map(\.rawValue) : site.names
            for name in names { fields[name, default: [:]].merge(site.fields) { $1 } }
        }
        for event in EventCatalog.events {
            let own = event.fields.filter { !$0.isContext }
            let found = fields[event.name] ?? [:]
            let unknown = found.filter { $0.value.isSure }.map(\.key).filter { name in !own.contains { $0.name == name }
            }
            #expect(unknown.sorted() == [], "\(event.name) is logged with these")
            for field in own {
                let isNumber = field.kind != .text
                #expect(
                    found[field.name]?.isNumber == isNumber, "\(event.name) \(field.name) is no \(field.kind.rawValue)")
            }
        }
    }

    @Test func namesAreUniqueAndStable() {
        let names = EventCatalog.events.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.wholeMatch(of: /[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*/) != nil, "\(name)") }
    }

    @Test func theReferencePageIsTheCatalogues() throws {
        let page = try String(contentsOf: Self.sources.appending(path: "deploy/reference/events.md"), encoding: .utf8)
        #expect(page == EventCatalog.markdown, "write it anew: sluice events --markdown > deploy/reference/events.md")
    }
}
