/// Where a configured value was written.
package enum Place: Sendable, Hashable {
    /// In the file: line and column, both from 1; columns count characters.
    case file(line: Int, column: Int)
    /// In the environment variable of this name.
    case variable(String)
    /// Nowhere: the default holds.
    case standard
}
