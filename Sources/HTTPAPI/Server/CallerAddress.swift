/// Whom a lock-out or a rate holds against: an IPv4 address, or the half of an IPv6 address that one connection has.
package struct CallerAddress: Hashable, Sendable {
    package let text: String

    /// - Parameter address: as the network layer writes it; anything else counts as itself.
    package init(_ address: String) {
        let bare = address.split(separator: "%", maxSplits: 1).first.map(String.init) ?? ""
        guard bare.contains(":"), !bare.hasPrefix("::ffff:") else {
            text = bare.hasPrefix("::ffff:") ? String(bare.dropFirst(7)) : bare
            return
        }
        // The network's 64 bits: whoever has one address of it has them all.
        let halves = bare.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        let head = halves[0].split(separator: ":")
        let tail = halves.count > 1 ? halves[1].split(separator: ":") : []
        let zeros = halves.count > 1 ? max(0, 8 - head.count - tail.count) : 0
        let groups = head.map(String.init) + Array(repeating: "0", count: zeros) + tail.map(String.init)
        text = groups.prefix(4).joined(separator: ":") + "::/64"
    }
}
