public import Open311
public import Readings
public import Simulation

/// A scenario in plain text: what sensors measured, and which requests must or must not come of it.
///
/// The format is described in `fixtures/scenarios/README.md`.
public struct ScenarioFile: Sendable, Equatable {
    public var name = ""
    public internal(set) var sensors: [Sensor] = []
    /// The script's first moment: every `at` counts from here. The warm-up lies before it.
    public internal(set) var startMs: Int64 = 0
    /// When the warm-up begins; equal to ``startMs`` without one.
    public internal(set) var warmUpMs: Int64 = 0
    /// The last reading or expectation.
    public internal(set) var endMs: Int64 = 0
    /// Warm-up and script, by time and then by sensor.
    public internal(set) var readings: [CityReading] = []
    /// By time, then by line.
    public internal(set) var expectations: [Expectation] = []

    /// One `at` line.
    public struct Expectation: Sendable, Equatable {
        public enum Count: Sendable, Equatable { case none, one, some }
        public enum Subject: Sendable, Equatable {
            case anything
            case sensor(String)
            case gateway(String)
        }

        /// Line of the file, from 1.
        public var line: Int
        /// Holds when everything observed until then, this moment included, has been processed.
        public var atMs: Int64
        /// `none` also forbids requests that have been closed since.
        public var count: Count
        public var service: ServiceCode?
        public var isOpen: Bool?
        public var subject: Subject
        /// The line as it stands in the file, for messages.
        public var text: String
    }

    /// - Throws: ``ScenarioError`` with the line that can't be read.
    public init(_ text: String) throws(ScenarioError) {
        var parser = ScenarioParser()
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            if !words.isEmpty { try parser.readLine(words, number: number) }
        }
        self = try parser.finish()
    }

    init() {}
}

/// What is wrong with a scenario.
public struct ScenarioError: Error, Equatable, CustomStringConvertible {
    /// From 1; 0 means the file as a whole.
    public var line: Int
    public var problem: String

    public init(line: Int, _ problem: String) { (self.line, self.problem) = (line, problem) }

    public var description: String { line > 0 ? "line \(line): \(problem)" : problem }
}
