/// Many comparisons at once: with a hundred places and no hotspot, five would look like one at 5 %.
package enum BenjaminiHochberg {
    /// The q-value of each p-value: the least false discovery rate at which it would still be called a discovery. At most
    /// that share of what is called so is expected to be false.
    ///
    /// - Source: Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995); holds for independent tests and for positively
    ///   dependent ones (Benjamini and Yekutieli, Ann. Stat. 29, 2001), as of neighbours under one storm.
    package static func qValues(_ pValues: [Double]) -> [Double] {
        let order = pValues.indices.sorted { pValues[$0] > pValues[$1] }
        var qValues = pValues
        var least = 1.0
        for (position, index) in order.enumerated() {
            least = min(least, pValues[index] * Double(pValues.count) / Double(pValues.count - position))
            qValues[index] = least
        }
        return qValues
    }
}
