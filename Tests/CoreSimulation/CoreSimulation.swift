internal import Glibc

/// Runs the core (intake, pipeline, store on real SQLite) against a simulated broker, disk and clock, one seed after the
/// other, on one thread. The first seed that breaks a promise ends it, with how to see it again.
///
///     CoreSimulation [--seeds FROM..TO | --seed N] [--trace] [--inspect] [--forgetful]
@main struct CoreSimulation {
    static func main() {
        guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
            print(Options.usage)
            exit(64)
        }
        Disk.install()
        if options.isTracing { Disk.observe() }
        var report = Report()
        for seed in options.seeds {
            let first = run(seed, options, &report)
            // Now and then twice: what does not come out the same can't be looked into.
            if options.seeds.count == 1 || seed % 64 == 0, !options.isTracing {
                let second = run(seed, options, &report)
                if first != second {
                    print("seed \(seed): two runs differ, \(first) and \(second)")
                    exit(1)
                }
            }
        }
        report.print()
    }

    /// Returns the run's digest.
    private static func run(_ seed: UInt64, _ options: Options, _ report: inout Report) -> UInt64 {
        let world = World(seed: seed, options)
        do {
            try world.run()
        } catch {
            let name = CommandLine.arguments[0]
            print("seed \(seed), step \(world.trace.steps): \(error)")
            print("after \(report.seeds) seeds that held; see it again with: \(name) --seed \(seed) --trace")
            exit(1)
        }
        report.add(world)
        return world.trace.digest
    }
}
