/// How often and how long everything is measured, and in which order.
struct Rounds: Sendable {
    var count = 5
    /// Shows that it runs: a round of a second or so, whose figures mean nothing.
    var isSmoke = false

    /// `full` in a real run, `smoke` in a trial.
    func amount(_ full: Int, smoke: Int) -> Int { isSmoke ? smoke : full }

    /// Runs all `cases` once a round, in turns, every second round backwards: what heats or slows the machine meets all of them.
    ///
    /// - Returns: by case, its number of each round.
    func interleave(_ cases: [() throws -> Double]) throws -> [[Double]] {
        var results = Array(repeating: [Double](), count: cases.count)
        for round in 0..<count {
            let order = round.isMultiple(of: 2) ? Array(cases.indices) : cases.indices.reversed()
            for number in order { results[number].append(try cases[number]()) }
        }
        return results
    }

    /// One case against its reference.
    func pair(_ ours: () throws -> Double, against reference: () throws -> Double) throws -> (
        ours: [Double], reference: [Double]
    ) {
        try withoutActuallyEscaping(ours) { ours in
            try withoutActuallyEscaping(reference) { reference in
                let results = try interleave([ours, reference])
                return (results[0], results[1])
            }
        }
    }
}

/// Seconds that `body` takes, by the monotonic clock.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
}
