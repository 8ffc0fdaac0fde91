import Daemon
import Foundation
import Testing

/// The catalogue of metrics against the sources and its reference page. Kinds and labels are held against a running daemon's
/// text, among the tests of operations.
@Suite struct MetricCatalogTests {
    private static let root: URL = {
        var folder = URL(filePath: #filePath)
        while folder.lastPathComponent != "Tests" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent()
    }()

    @Test func everyNameInTheSourcesIsInTheCatalogueAndTheReverse() throws {
        let files = FileManager.default.enumerator(
            at: Self.root.appending(path: "Sources"), includingPropertiesForKeys: nil)
        var named: Set<String> = []
        /// Of names that are put together: what stands before and behind the varying part.
        var patterns: [(head: String, tail: String)] = []
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift", file.lastPathComponent != "MetricCatalog.swift",
                !file.path.contains("/Benchmarks/")
            else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /"((?:sluice|process)_[a-z_]+)"/) { named.insert(String(match.output.1)) }
            for match in text.matches(of: /"(sluice_[a-z_]+)\\\([a-z]+\)([a-z_]*)"/) {
                patterns.append((String(match.output.1), String(match.output.2)))
            }
        }
        #expect(named.count > 30 && !patterns.isEmpty, "the sources have been read")
        let catalogue = Set(MetricCatalog.entries.map(\.name))
        #expect(named.subtracting(catalogue).sorted() == [], "not in the catalogue")
        let unused = catalogue.subtracting(named).filter { name in
            !patterns.contains { name.hasPrefix($0.head) && name.hasSuffix($0.tail) }
        }
        #expect(unused.sorted() == [], "in the catalogue, and nowhere made")
    }

    @Test func namesAreSortedUniqueAndSayTheirUnitAsPrometheusHasIt() {
        let names = MetricCatalog.entries.map(\.name)
        #expect(names == Set(names).sorted())
        for entry in MetricCatalog.entries {
            #expect(entry.name.hasSuffix("_total") == (entry.kind == .counter), "\(entry.name)")
            #expect(entry.labels == entry.labels.sorted() && entry.labels.count <= 2, "\(entry.name)")
            #expect(entry.meaning.hasSuffix("."), "\(entry.name)")
        }
    }

    @Test func theReferencePageIsTheCatalogues() throws {
        let page = try String(contentsOf: Self.root.appending(path: "deploy/reference/metrics.md"), encoding: .utf8)
        #expect(
            page == MetricCatalog.markdown, "write it anew: sluice metrics --markdown > deploy/reference/metrics.md")
    }
}
