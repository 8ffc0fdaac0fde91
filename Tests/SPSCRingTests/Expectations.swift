import Testing

/// `#expect` takes an expression apart and copies its parts; the ends of a ring can't be copied. These take the result.
func expect(
    _ holds: Bool, _ comment: @autoclosure () -> Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(holds, comment(), sourceLocation: sourceLocation)
}

func expect<Value: Equatable>(
    _ found: Value, is expected: Value, _ comment: @autoclosure () -> Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found == expected, comment(), sourceLocation: sourceLocation)
}
