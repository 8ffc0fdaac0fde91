/// What the aliases of an edge node stand for.
///
/// Encoders number their metrics from 0 or 1, so that most aliases are places in a list; a Dictionary's hash costs 100
/// instructions a metric.
struct AliasTable: Sendable {
    /// What a birth said of a metric.
    struct Metric: Sendable {
        var name: [UInt8]
        var datatype: UInt32
        /// Which device's, by its place; 0 is the node itself.
        var device: Int
    }

    private var metrics: [Metric] = []
    /// Where the metric of an alias below ``nearEnd`` stands, or -1.
    private var near: [Int32] = []
    private var far: [UInt64: Int32] = [:]

    private static let nearEnd: UInt64 = 4096

    /// How many aliases there are.
    var count: Int { metrics.count }

    /// Where the alias's metric stands; nil for one that nobody has given.
    @inline(__always)
    func place(of alias: UInt64) -> Int? {
        if alias < near.count, case let place = near[Int(alias)], place >= 0 { return Int(place) }
        return alias < Self.nearEnd ? nil : far[alias].map { Int($0) }
    }

    /// Read its parts, not the whole: that would count a reference for its name.
    subscript(place: Int) -> Metric { _read { yield metrics[place] } }

    /// Gives the alias to a metric; one that has it already is replaced.
    mutating func set(_ alias: UInt64, _ metric: Metric) {
        if let place = place(of: alias) { return metrics[place] = metric }
        let place = Int32(metrics.count)
        metrics.append(metric)
        if alias < Self.nearEnd {
            while near.count <= alias { near.append(-1) }
            near[Int(alias)] = place
        } else {
            far[alias] = place
        }
    }
}
