/// What someone who mistyped a name probably meant.
enum NearestName {
    /// The closest of `names`, or nil when none is close enough to be meant.
    static func of(_ typed: String, among names: [String]) -> String? {
        let plain = fold(typed)
        let scored = names.map { (name: $0, distance: distance(plain, fold($0))) }
        guard let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
            best.distance <= max(1, min(plain.count, best.name.count) / 3)
        else { return nil }
        return best.name
    }

    /// Case and the choice between `-`, `_` and nothing are no difference.
    private static func fold(_ name: String) -> [Character] { name.lowercased().filter { $0 != "-" && $0 != "_" } }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var (before, last) = ([Int](), Array(0...b.count))
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                var cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, before[j - 2] + 1) }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
