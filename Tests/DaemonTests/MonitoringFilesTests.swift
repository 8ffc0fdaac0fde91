import Daemon
import Foundation
import Testing

/// The alerts and the dashboard that are shipped ask for metrics that exist.
@Suite struct MonitoringFilesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../deploy/monitoring").standardized

    /// Names that the text mentions; of a histogram's series, the metric's own.
    private func metrics(in text: String) -> Set<String> {
        let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        let endings = ["_bucket", "_sum", "_count"]
        return Set(
            words.filter { $0.hasPrefix("sluice_") }.map { word in
                endings.first { word.hasSuffix($0) }.map { String(word.dropLast($0.count)) } ?? word
            })
    }

    @Test(arguments: ["alerts.yaml", "grafana-dashboard.json"])
    func everyMetricThatTheyAskForExists(file: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
        let asked = metrics(in: text)
        #expect(asked.count > 10)
        let unknown = asked.subtracting(MetricCatalog.entries.map(\.name))
        #expect(unknown.isEmpty, "\(file) asks for \(unknown.sorted().joined(separator: ", "))")
    }

    @Test func theDashboardIsJSONWithAPanelForEachQuestion() throws {
        let data = try Data(contentsOf: Self.folder.appending(path: "grafana-dashboard.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        let ids = panels.compactMap { $0["id"] as? Int }
        #expect(Set(ids).count == panels.count)
        #expect(panels.allSatisfy { !(($0["targets"] as? [Any]) ?? []).isEmpty })
    }
}
