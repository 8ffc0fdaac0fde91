internal import ArgumentParser
internal import Foundation
internal import Readings

/// A file whose rows are imported, all or none; and where to.
struct ImportFile: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("The file.", valueName: "file"), completion: .file())
    var file: String

    /// What stands in the file.
    ///
    /// - Throws: ``Failure`` with every problem, each with its line.
    func read<Table>(
        _ parse: ([UInt8]) -> Table, problems: (Table) -> [SensorTable.Problem]
    ) throws -> Table {
        guard let content = FileManager.default.contents(atPath: file) else {
            throw Failure("\(file): can't be read", .noInput)
        }
        let table = parse([UInt8](content))
        let found = problems(table)
        guard found.isEmpty else {
            throw Failure(
                (found.map { "\(file): \($0)" } + ["nothing was imported"]).joined(separator: "\n"), .badInput)
        }
        return table
    }

    /// Says what is most likely a mistake of the file, the first of it.
    func warn(of doubts: [SensorTable.Problem]) {
        for doubt in doubts.prefix(Self.mostDoubts) { Terminal.complain("warning: \(file): \(doubt)") }
        if doubts.count > Self.mostDoubts {
            Terminal.complain("warning: \(file): \(doubts.count - Self.mostDoubts) more of the kind")
        }
    }

    private static let mostDoubts = 20

    /// Has `command` take what was read, under a bar.
    ///
    /// - Parameter share: how much of the work is done, 0–1, when so many rows are.
    func bring<Wanted: Encodable & Sendable, Result: Codable & Sendable>(
        _ wanted: Wanted, to command: String, titled title: String, count: Int, for type: Result.Type,
        share: @escaping @Sendable (LocalProgress) -> Double = { Double($0.done) / Double(max(1, $0.total)) }
    ) async throws -> Result {
        let bar = ProgressBar(title, unit: title.lowercased(), total: count)
        let result = try await data.client().ask(command, wanted, for: type) { told in
            bar.update(share: share(told), done: told.done)
        }
        bar.finish(count)
        return result
    }
}
