/// A password as it was read. It never shows itself: not printed, interpolated, dumped or mirrored.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The password itself, for the one call that needs it.
    package func reveal() -> String { text }

    package var description: String { "‹secret›" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
