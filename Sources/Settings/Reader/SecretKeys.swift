/// Keys that say where a secret is: `…_file` and `…_env`, as the brokers' passwords have them.
enum SecretKeys {
    static func sentence(_ name: String) -> String {
        "a secret may not stand in the file; write it to a file that only the daemon can read and name that in"
            + " \(name)_file, or set \(name)_env to the name of a variable that holds it"
    }

    static func file<Root>(
        _ name: String, _ field: any WritableKeyPath<Root, PasswordSource?> & Sendable
    ) -> Key<Root> {
        Key(name: name) { entry, path, root, reader in
            if let text = reader.scalar(entry, at: path, .text) {
                switch PasswordSource.parse(file: text) {
                case .file(let text): root[keyPath: field] = .file(reader.resolve(text, at: path))
                case let other: root[keyPath: field] = other
                }
            }
            switch root[keyPath: field] {
            case .file(let text): reader.note(path, text)
            case .credential(let credential): reader.note(path, "credential:\(credential)")
            default: reader.note(path, nil)
            }
        }
    }

    static func variable<Root>(
        _ name: String, _ field: any WritableKeyPath<Root, PasswordSource?> & Sendable
    ) -> Key<Root> {
        Key(name: name) { entry, path, root, reader in
            if let text = reader.scalar(entry, at: path, .variable) { root[keyPath: field] = .variable(text) }
            if case .variable(let variable) = root[keyPath: field] {
                reader.note(path, variable)
            } else {
                reader.note(path, nil)
            }
        }
    }
}
