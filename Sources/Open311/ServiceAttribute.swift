/// One question of a service definition: `GET services/CODE`.
public struct ServiceAttribute: Sendable, Equatable {
    /// `datatype`
    public enum Datatype: String, Sendable, CaseIterable {
        case string, number, datetime, text
        case singleValueList = "singlevaluelist"
        case multiValueList = "multivaluelist"

        /// Whether the answer is picked from ``ServiceAttribute/values``.
        public var isList: Bool { self == .singleValueList || self == .multiValueList }
    }

    /// A choice: `key` is what is posted, `name` what is shown.
    public struct Choice: Sendable, Equatable {
        public var key: String
        public var name: String

        public init(key: String, name: String) { (self.key, self.name) = (key, name) }
    }

    /// `variable`: false for a text that is only shown.
    public var isVariable: Bool
    /// As in `attribute[code]`.
    public var code: String
    public var datatype: Datatype
    public var isRequired: Bool
    /// `datatype_description`: how the answer is to be written.
    public var datatypeDescription: String
    /// `order`: from 1, distinct in a service.
    public var order: Int
    /// The question.
    public var description: String
    public var values: [Choice]

    public init(
        code: String, datatype: Datatype, isRequired: Bool = false, isVariable: Bool = true,
        datatypeDescription: String = "", order: Int, description: String = "", values: [Choice] = []
    ) {
        self.code = code
        self.datatype = datatype
        self.isRequired = isRequired
        self.isVariable = isVariable
        self.datatypeDescription = datatypeDescription
        self.order = order
        self.description = description
        self.values = values
    }
}

/// What a reporter answered: one `attribute[code]`, or several of a list.
public struct SubmittedAttribute: Sendable, Equatable, Codable {
    public var code: String
    public var values: [String]

    public init(code: String, values: [String]) { (self.code, self.values) = (code, values) }
}
