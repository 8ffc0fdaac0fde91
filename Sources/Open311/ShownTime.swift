/// Times at the precision in which documents show them: a request shown at 12:00:05Z may have been raised at 12:00:05.4.
enum ShownTime {
    /// The earliest exact moment whose shown time is not before `ms`.
    static func first(notBefore ms: Int64) -> Int64 { wholeSeconds(ms + 999) }

    /// The latest exact moment whose shown time is not after `ms`.
    static func last(notAfter ms: Int64) -> Int64 { wholeSeconds(ms) + 999 }

    private static func wholeSeconds(_ ms: Int64) -> Int64 {
        let rest = ms % 1000
        return ms - (rest < 0 ? rest + 1000 : rest)
    }
}
