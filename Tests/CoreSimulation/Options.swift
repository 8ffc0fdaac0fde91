/// The command line.
struct Options {
    static let usage = """
        Usage: CoreSimulation [--seeds FROM..TO | --seed N] [--trace] [--inspect] [--forgetful]
          --seeds FROM..TO  the seeds to run, both included; 1..1000 unless told
          --seed N          one seed
          --trace           prints every step
          --inspect         compares at every acknowledgement and every start, not only at some
          --forgetful       failed syncs may forget what was to be written, as Linux does; SQLite does not survive that
                            in every case (https://lwn.net/Articles/752063/), so it is off
        """

    private(set) var seeds: ClosedRange<UInt64> = 1...1000
    private(set) var isTracing = false
    /// Changes nothing but how much is compared.
    private(set) var isInspecting = false
    private(set) var isForgetful = false

    /// Nil for what can't be understood.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--trace": isTracing = true
            case "--inspect": isInspecting = true
            case "--forgetful": isForgetful = true
            case "--seed":
                guard let seed = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
                seeds = seed...seed
            case "--seeds":
                let bounds = rest.popFirst()?.split(separator: ".", omittingEmptySubsequences: true).map { UInt64($0) }
                guard let bounds, bounds.count == 2, let from = bounds[0], let to = bounds[1], from <= to else {
                    return nil
                }
                seeds = from...to
            default: return nil
            }
        }
    }
}
