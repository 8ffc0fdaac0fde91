/// Why saved state can't be taken over.
public struct StateError: Error, Equatable, CustomStringConvertible {
    /// Safe as a metric label.
    public enum Code: String, Sendable, CaseIterable {
        /// The bytes end too early.
        case truncated
        /// There are bytes behind the end.
        case leftOver = "left_over"
        /// The bytes are not those that were written.
        case damaged
        /// Written by another version of the program.
        case otherVersion = "other_version"
        /// A value that this state can't have.
        case badValue = "bad_value"
        /// A window or a list is of another length than today's configuration asks for.
        case otherLength = "other_length"
        /// What it belongs to is not what it was.
        case changed
        /// Parts are missing or out of order.
        case incomplete
    }

    public var code: Code
    /// What was to be read.
    public var field: String

    public init(_ code: Code, field: String) { (self.code, self.field) = (code, field) }

    public var description: String {
        switch code {
        case .truncated: "\(field): the saved bytes end too early"
        case .leftOver: "\(field): there are more saved bytes than it needs"
        case .damaged: "\(field): the checksum differs, so the saved bytes are damaged"
        case .otherVersion: "\(field): was saved by another version of the program"
        case .badValue: "\(field): has a saved value that it can't have"
        case .otherLength: "\(field): was saved with another length than the configuration asks for"
        case .changed: "\(field): is not what it was when it was saved"
        case .incomplete: "\(field): parts are missing or out of order"
        }
    }
}
