extension Schema {
    /// Keys, reporters, tokens and assets. Version 3.
    static let keyTables = ""
}
