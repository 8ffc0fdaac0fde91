import Foundation
import GRDB
import IssueStorage
import Open311
import Testing

@Suite struct KeyTests {
    private func add(
        _ db: Database, _ name: String, roles: Set<AccessRole> = [.report], rate: Int = 60, isPublic: Bool = false
    ) throws -> (key: APIKey, secret: KeySecret) {
        let secret = KeySecret()
        let key = try KeyTable.add(
            db, secret: secret, name: name, roles: roles, ratePerMinute: rate, isPublic: isPublic, atMs: midnightMs)
        return (key, secret)
    }

    @Test func aKeyIsStoredByItsHashAlone() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let secret = try SteppedStore(directory: directory).run { tools in
            let (key, secret) = try add(tools.db, "city", roles: [.report, .update])
            let stored = try KeyTable.all(tools.db)
            #expect(stored.map(\.key) == [key])
            #expect(stored.first?.hash == secret.hash)
            #expect(key.hint.count < 12)
            return secret
        }
        let file = try String(decoding: bytes(of: directory.database), as: UTF8.self)
        #expect(!file.contains(secret.text))
        #expect(!file.contains(secret.text.dropFirst(12)))
    }

    private func bytes(of path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

    @Test func keysAreRandomAndReadBack() {
        let keys = (0..<100).map { _ in KeySecret() }
        #expect(Set(keys.map(\.text)).count == 100)
        for key in keys {
            #expect(key.text.utf8.count == 68)
            #expect(KeySecret(key.text) == key)
        }
    }

    @Test(arguments: [
        "", "slk_", "slk_" + String(repeating: "g", count: 64), "slk_" + String(repeating: "a", count: 63),
        "SLK_" + String(repeating: "a", count: 64), "slk_" + String(repeating: "A", count: 64),
        "slk_" + String(repeating: "é", count: 32),
    ])
    func whatCannotBeAKeyIsNone(text: String) { #expect(KeySecret(text) == nil) }

    @Test func aRevokedKeyStaysAndItsNameIsFree() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { tools in
            let (first, _) = try add(tools.db, "city")
            #expect(throws: KeyError.nameTaken("city")) { try add(tools.db, "city") }
            try KeyTable.revoke(tools.db, name: "city", atMs: midnightMs + 5)
            #expect(throws: KeyError.unknownName("city")) { try KeyTable.revoke(tools.db, name: "city", atMs: 1) }
            let (second, _) = try add(tools.db, "city")
            #expect(second.id > first.id)
            #expect(try KeyTable.all(tools.db).map(\.key.revokedAtMs) == [midnightMs + 5, nil])
            try KeyTable.noteUse(tools.db, [second.id: midnightMs + 9])
            try KeyTable.noteUse(tools.db, [second.id: midnightMs + 7])
            #expect(try KeyTable.all(tools.db).last?.key.lastUsedAtMs == midnightMs + 9)
        }
    }

    @Test func whatNoKeyMayBeIsNamed() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        try SteppedStore(directory: directory).run { (tools: SteppedStore.Tools) throws in
            #expect(throws: KeyError.badName("")) { try add(tools.db, "") }
            #expect(throws: KeyError.badName("a\nb")) { try add(tools.db, "a\nb") }
            #expect(throws: KeyError.badRate(0)) { try add(tools.db, "a", rate: 0) }
            #expect(throws: KeyError.withoutRoles) { try add(tools.db, "a", roles: []) }
            #expect(throws: KeyError.publicWithRoles) {
                try add(tools.db, "a", roles: [.report, .update], isPublic: true)
            }
            #expect(try KeyTable.all(tools.db).isEmpty)
        }
    }

    @Test func pseudonymsAreStableAndNeedTheSecret() throws {
        let directory = TemporaryDirectory()
        defer { directory.remove() }
        let (first, again) = try SteppedStore(directory: directory).run { tools in
            (
                try SecretTable.bytes(tools.db, SecretTable.pseudonyms),
                try SecretTable.bytes(tools.db, SecretTable.pseudonyms)
            )
        }
        #expect(first.count == 32)
        #expect(first == again)
        let (ours, theirs) = (Pseudonyms(secret: first), Pseudonyms(secret: SecretTable.made()))
        #expect(ours("cam-17") == ours("cam-17"))
        #expect(ours("cam-17") != ours("cam-18"))
        #expect(ours("cam-17") != theirs("cam-17"))
        #expect(ours("cam-17").hasPrefix("anon-"))
        #expect(!ours("cam-17").contains("cam"))
    }
}
