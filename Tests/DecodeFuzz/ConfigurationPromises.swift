import Readings
import Settings

/// A configuration file, and behind each NUL a variable of the environment: read or refused with one line for each problem,
/// and what is read judges as the log's copy of it does, and makes a decoder.
func fuzzConfiguration(_ input: borrowing Span<UInt8>) {
    var parts = input.indices.map { input[$0] }.split(separator: 0, omittingEmptySubsequences: false)[...]
    let text = String(decoding: parts.popFirst() ?? [], as: UTF8.self)
    let environment = Dictionary(parts.compactMap(variable), uniquingKeysWith: { first, _ in first })
    do throws(ConfigurationProblems) {
        let loaded = try read(text, environment)
        precondition(loaded.settings.count > 100, "keys are missing")
        let configuration = loaded.configuration
        precondition(configuration.taking(live: configuration) == configuration, "a reload of nothing")
        for warning in loaded.warnings { checkIsOneSentence(warning) }
        check(loaded)
    } catch {
        precondition(!error.problems.isEmpty, "refused without a reason")
        for line in error.description.split(separator: "\n", omittingEmptySubsequences: false) {
            checkIsOneSentence(String(line))
        }
        let again = problems(text, environment)
        precondition(again == error, "read twice, it is wrong in two ways")
    }
}

private func read(
    _ text: String, _ environment: [String: String]
) throws(ConfigurationProblems) -> Configuration.Loaded {
    try Configuration.parse(text, source: "c.yaml", folder: "/etc/sluice", environment: environment, files: .none)
}

private func problems(_ text: String, _ environment: [String: String]) -> ConfigurationProblems? {
    do throws(ConfigurationProblems) {
        _ = try read(text, environment)
        return nil
    } catch { return error }
}

/// `HTTP_PORT=80`, of the variables that Sluice looks at.
private func variable(_ bytes: ArraySlice<UInt8>) -> (String, String)? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let value = String(decoding: bytes[(end + 1)...], as: UTF8.self)
    return ("SLUICE_" + String(decoding: bytes[..<end], as: UTF8.self), value)
}

private func check(_ loaded: Configuration.Loaded) {
    let logged: Configuration
    do throws(ConfigurationProblems) {
        logged = try Configuration(loaded.ruleSet)
    } catch { preconditionFailure("what holds does not hold in the log: \(error)") }
    precondition(logged.judges(like: loaded.configuration), "the log's rules judge otherwise")
    let routes = RouteTable(loaded.configuration.routes.map(\.route))
    precondition(routes.problems().isEmpty, "\(routes.problems())")
    var decoder = MessageDecoder(routes: routes, longestPayload: 4096)
    for sample in loaded.configuration.routes.flatMap(\.samples) {
        let (topic, payload) = (Array(sample.topic.utf8), sample.bytes)
        try? decoder.decode(topic: topic.span, payload: payload.span, arrivedAtMs: Timestamp.earliestMs)
    }
}

/// Names its place, steers no terminal, and does not grow with what is wrong.
private func checkIsOneSentence(_ line: String) {
    let isPlaced = line.hasPrefix("c.yaml:") || line.hasPrefix("SLUICE_")
    precondition(isPlaced, "a line without a place: \(line)")
    precondition(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "a control character")
    precondition(line.utf8.count < 2000, "\(line.utf8.count) bytes")
}
