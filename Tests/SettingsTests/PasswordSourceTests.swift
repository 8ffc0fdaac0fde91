import Settings
import FoundationEssentials
import Testing

@Suite struct PasswordSourceTests {
    /// A folder of this test's own, removed at its end.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/sluice-password-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test func aFileGivesItsFirstLine() throws {
        try withFolder { folder in
            try Data("hunter2\nnotes\n".utf8).write(to: URL(filePath: folder + "/p"))
            let secret = try PasswordSource.file(folder + "/p").read(environment: [:])
            #expect(secret.reveal() == "hunter2")
        }
    }

    @Test func aCredentialIsAFileOfSystemd() throws {
        try withFolder { folder in
            try Data("hunter2".utf8).write(to: URL(filePath: folder + "/mqtt"))
            let secret = try PasswordSource.credential("mqtt").read(environment: ["CREDENTIALS_DIRECTORY": folder])
            #expect(secret.reveal() == "hunter2")
        }
    }

    @Test func aVariableGivesItsText() throws {
        #expect(try PasswordSource.variable("P").read(environment: ["P": "hunter2"]).reveal() == "hunter2")
    }

    @Test func anEmptyFileIsNoPassword() throws {
        try withFolder { folder in
            try Data("\nhunter2\n".utf8).write(to: URL(filePath: folder + "/p"))
            let failure = #expect(throws: PasswordSource.Failure.self) {
                try PasswordSource.file(folder + "/p").read(environment: [:])
            }
            #expect(failure?.description == "the first line of \(folder)/p is empty")
        }
    }

    @Test func aSecretShowsItselfNowhere() throws {
        struct Holder { var secret: Secret }
        let holder = Holder(secret: Secret("hunter2"))
        var dumped = ""
        dump(holder, to: &dumped)
        for text in ["\(holder)", "\(holder.secret)", String(reflecting: holder), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    /// The password is read when a connection is made; the configuration holds only where it is.
    @Test func aConfigurationHoldsNoSecret() throws {
        let yaml = "mqtt: {username: s, password_env: P}"
        let loaded = try Configuration.parse(yaml, source: "s", environment: ["P": "hunter2"])
        var dumped = ""
        dump(loaded, to: &dumped)
        for text in [dumped, "\(loaded)", "\(loaded.settings)", "\(loaded.warnings)"] {
            #expect(!text.contains("hunter2"))
        }
        #expect(loaded.settings.contains { $0.key == "mqtt.password_env" && $0.value == "P" })
    }
}
