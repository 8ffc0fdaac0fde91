/// Invented streets for the synthetic city: plausible in sound, taken from no map.
enum StreetNames {
    private static let first = [
        "Alder", "Barrow", "Cobble", "Dunmere", "Elmsworth", "Fallow", "Garnet", "Hartsop", "Ivywell", "Jessamy",
        "Kestrel", "Larkmoor", "Maltster", "Nettlecombe", "Oldbarn", "Pewter", "Quillfeather", "Ravensford", "Saltern",
        "Tanyard", "Umberley", "Vetchfield", "Wainwright", "Yarrowby",
    ]
    private static let last = ["Road", "Street", "Lane", "Grove", "Avenue", "Close", "Walk", "Croft"]
    private static let through = ["Way", "Parkway", "Road", "Drive"]

    /// A side street.
    static func street(_ key: UInt64) -> String {
        "\(first[Int(SeededHash.hash(key, 0) % 24)]) \(last[Int(SeededHash.hash(key, 1) % 8)])"
    }

    /// The through road number `index`; all differ.
    static func corridor(_ index: Int) -> String {
        let name = "\(first[(index * 7 + 19) % 24]) \(through[(index + index / 24) % 4])"
        return index < 96 ? name : "\(name) \(index / 96 + 1)"
    }

    /// What a meter stands for.
    static func building(_ key: UInt64) -> String {
        let all = ["a school", "a library", "a block of flats", "a health centre", "a leisure centre", "a market hall"]
        return all[Int(SeededHash.hash(key, 2) % UInt64(all.count))]
    }
}

/// `Sutton Four Oaks` → `sutton-four-oaks`: letters and digits of ASCII, one hyphen for anything else.
func slug(_ name: String) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8 {
        let lower = byte >= 0x41 && byte <= 0x5A ? byte + 32 : byte
        if lower >= 0x61 && lower <= 0x7A || lower >= 0x30 && lower <= 0x39 {
            bytes.append(lower)
        } else if let last = bytes.last, last != 0x2D {
            bytes.append(0x2D)
        }
    }
    if bytes.last == 0x2D { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
}
