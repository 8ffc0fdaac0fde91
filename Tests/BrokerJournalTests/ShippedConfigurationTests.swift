import BrokerJournal
import Foundation
import Simulation
import TestSupport
import Testing

/// The configuration that `deploy/broker` ships is one that mosquitto takes, with the values that it speaks of.
@Suite struct ShippedConfigurationTests {
    @Test func journalConfigurationStartsABroker() throws {
        let plugin = try #require(JournalPlugin.built(), "swift build -c release --product SluiceJournal")
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "../../deploy/broker/mosquitto-journal.conf").standardized
        let folder = try TestFolder()
        var configuration = LocalBroker.Configuration(users: ["tester": "secret"])
        // Only the two places are this machine's; every other line stands as it is shipped, also those commented out.
        configuration.lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            String(line.hasPrefix("#plugin_opt") ? line.dropFirst() : line)
                .replacing("/usr/local/lib/libSluiceJournal.so", with: plugin.path)
                .replacing("/var/lib/mosquitto/journal", with: "\(folder.path)/journal")
        }
        let broker = try LocalBroker.start(in: folder.path, configuration)
        defer { broker.kill() }
        let log = try String(contentsOfFile: broker.logFile, encoding: .utf8)
        #expect(log.contains("sluice journal: writing to \(folder.path)/journal, on disk soon after"))
    }
}
