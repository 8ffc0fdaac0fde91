/// One subject of measurement, with one or more figures.
protocol Benchmark {
    /// What it is called on the command line.
    static var name: String { get }
    /// A line for the list.
    static var about: String { get }

    /// - Throws: ``Unavailable`` when something that it needs is not on this machine.
    static func run(_ rounds: Rounds, _ tools: Tools) async throws -> [Figure]
}

/// What a benchmark needs and this machine has not: it is skipped, by name.
struct Unavailable: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// A result that can't be right: then the time says nothing.
struct WrongAnswer: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// What stands outside this process.
struct Tools: Sendable {
    /// The daemon that is measured as a process.
    var sluice: String
    /// The Python that runs the alternatives.
    var python: String
    /// Cores that threads of a pair are kept on: two that are far enough apart to be two.
    var cores: (Int, Int)
    /// Where temporary databases go.
    var scratch: String
}
