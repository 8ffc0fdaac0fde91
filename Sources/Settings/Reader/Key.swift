/// One key of a group: its name, and how what stands under it gets into `Root`.
///
/// The tables of keys are the configuration's only definition: reading, suggestions, environment variables, the printed
/// settings and the test that compares them with the shipped example all follow from them.
struct Key<Root: Sendable>: Sendable {
    let name: String
    /// Called for each key of the table, with nil when the file does not have it.
    let read: @Sendable (Entry?, _ path: String, _ root: inout Root, _ reader: inout ConfigurationReader) -> Void

    /// A single value.
    static func scalar<Value>(
        _ name: String, _ field: any WritableKeyPath<Root, Value> & Sendable, _ syntax: Syntax<Value>
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            if let value = reader.scalar(entry, at: path, syntax) { root[keyPath: field] = value }
            reader.note(path, syntax.show(root[keyPath: field]))
        }
    }

    /// A single value that may be absent.
    static func optional<Value>(
        _ name: String, _ field: any WritableKeyPath<Root, Value?> & Sendable, _ syntax: Syntax<Value>
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            if let value = reader.scalar(entry, at: path, syntax) { root[keyPath: field] = value }
            reader.note(path, root[keyPath: field].map(syntax.show))
        }
    }

    /// A path; relative ones start at the file's folder, or at the working folder when a variable names them.
    /// - Parameter kind: what must be there, or nil when it need not exist.
    static func path(
        _ name: String, _ field: any WritableKeyPath<Root, String> & Sendable, existing kind: FileProbe.Kind? = nil
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            if let value = reader.path(entry, at: path, existing: kind) { root[keyPath: field] = value }
            reader.note(path, root[keyPath: field])
        }
    }

    /// A path that may be absent.
    /// - Parameter kind: what must be there, or nil when it need not exist.
    static func optionalPath(
        _ name: String, _ field: any WritableKeyPath<Root, String?> & Sendable, existing kind: FileProbe.Kind?
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            if let value = reader.path(entry, at: path, existing: kind) { root[keyPath: field] = value }
            reader.note(path, root[keyPath: field])
        }
    }

    /// A group of keys.
    static func group<Inner: Sendable>(
        _ name: String, _ field: any WritableKeyPath<Root, Inner> & Sendable, _ keys: [Key<Inner>]
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            reader.group(entry, at: path, keys, into: &root[keyPath: field])
        }
    }

    /// A group that counts even when it is empty: writing its name alone takes it with its defaults.
    static func optionalGroup<Inner: Sendable>(
        _ name: String, _ field: any WritableKeyPath<Root, Inner?> & Sendable, _ keys: [Key<Inner>],
        _ standard: @escaping @Sendable () -> Inner
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            guard entry != nil || reader.hasVariable(below: path) else {
                reader.note(path, nil)
                return
            }
            var inner = root[keyPath: field] ?? standard()
            reader.group(entry, at: path, keys, into: &inner)
            root[keyPath: field] = inner
        }
    }

    /// A list of groups. What the file lists replaces the default list.
    static func list<Item: Sendable>(
        _ name: String, _ field: any WritableKeyPath<Root, [Item]> & Sendable, _ keys: [Key<Item>],
        _ standard: @escaping @Sendable () -> Item
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            guard let entries = reader.list(entry, at: path) else { return }
            root[keyPath: field] = entries.enumerated().map { index, entry in
                var item = standard()
                reader.group(entry, at: "\(path)[\(index)]", keys, into: &item)
                return item
            }
        }
    }

    /// The same, where an item begins as something that is set elsewhere, in keys that stand before this one.
    static func list<Item: Sendable>(
        _ name: String, _ field: any WritableKeyPath<Root, [Item]> & Sendable, _ keys: [Key<Item>],
        _ standard: @escaping @Sendable (Root) -> Item
    ) -> Key {
        Key(name: name) { entry, path, root, reader in
            guard let entries = reader.list(entry, at: path) else { return }
            let start = standard(root)
            root[keyPath: field] = entries.enumerated().map { index, entry in
                var item = start
                reader.group(entry, at: "\(path)[\(index)]", keys, into: &item)
                // What an item leaves open is shown where it is set.
                reader.dropUnset(below: "\(path)[\(index)]")
                return item
            }
        }
    }

    /// A key that people write and that is refused, with the way to do it.
    static func refused(_ name: String, _ sentence: String) -> Key {
        Key(name: name) { entry, path, _, reader in
            reader.refuse(entry, at: path, sentence)
        }
    }

    /// The same key for a type that holds a `Root`.
    func lifted<Outer: Sendable>(to field: any WritableKeyPath<Outer, Root> & Sendable) -> Key<Outer> {
        Key<Outer>(name: name) { entry, path, outer, reader in read(entry, path, &outer[keyPath: field], &reader) }
    }
}
