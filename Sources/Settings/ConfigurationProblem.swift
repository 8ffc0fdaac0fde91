/// One thing that is wrong with the configuration, said to the person who edits it.
package struct ConfigurationProblem: Sendable, Equatable {
    package var place: Place
    /// The full key, `mqtt.brokers[0].port`, or empty when the file itself is the trouble.
    package var key: String
    /// What was found and what is right. Never holds a secret.
    package var sentence: String

    package init(place: Place, key: String, sentence: String) {
        (self.place, self.key, self.sentence) = (place, key, sentence)
    }

    /// A line as compilers print them, so that editors jump to it: `sluice.yaml:12:5: http.port: must be …`.
    /// One line, whatever stands in the file.
    package func line(source: String) -> String {
        let subject = (key.isEmpty ? sentence : "\(key): \(sentence)").printable
        return switch place {
        case .file(let line, let column): "\(source):\(line):\(column): \(subject)"
        case .variable(let name): "\(name.printable): \(subject)"
        case .standard: "\(source): \(subject)"
        }
    }
}

/// Everything that is wrong with the configuration, at once: the operator edits the file once.
package struct ConfigurationProblems: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file, as it was named on the command line.
    package var source: String
    /// In the order of the file; then what comes from the environment.
    package var problems: [ConfigurationProblem]

    package init(source: String, problems: [ConfigurationProblem]) {
        self.source = source
        self.problems = problems.inReadingOrder
    }

    /// One problem a line.
    package var description: String { problems.map { $0.line(source: source) }.joined(separator: "\n") }
}

extension [ConfigurationProblem] {
    /// By line, then column; what stands in no file comes after, in the order in which it was found.
    var inReadingOrder: Self {
        enumerated().sorted { a, b in
            switch (a.element.place, b.element.place) {
            case (.file(let line, let column), .file(let otherLine, let otherColumn)):
                (line, column, a.offset) < (otherLine, otherColumn, b.offset)
            case (.file, _): true
            case (_, .file): false
            default: a.offset < b.offset
            }
        }.map(\.element)
    }
}
