/// What happened, step by step: hashed always, so that two runs of one seed can be compared, and printed on request.
struct Trace {
    let isPrinting: Bool
    private(set) var steps = 0
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init(isPrinting: Bool) { self.isPrinting = isPrinting }

    mutating func note(_ line: @autoclosure () -> String) {
        steps += 1
        let text = line()
        // FNV-1a.
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        if isPrinting { print("\(steps): \(text)") }
    }

    /// Of all steps, and of every call of the disk.
    var digest: UInt64 { hash ^ Disk.hash }
}
