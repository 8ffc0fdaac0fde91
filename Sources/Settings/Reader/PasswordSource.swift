internal import FoundationEssentials

/// Where a password comes from. The configuration holds the place and never the password.
package enum PasswordSource: Sendable, Equatable {
    /// The file's first line.
    case file(String)
    /// A systemd credential: `LoadCredential=NAME:…` in the unit puts it under `$CREDENTIALS_DIRECTORY`.
    case credential(String)
    /// An environment variable.
    case variable(String)
    /// One that the program made up itself: the demonstration's. No key of the configuration leads here.
    case given(Secret)

    /// A password that the program made up itself.
    package static func literal(_ text: String) -> PasswordSource { .given(Secret(text)) }

    /// Why a password could not be read. Says where, never what.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// Reads it now, so that a changed file holds from the next connection on.
    package func read(environment: [String: String]) throws(Failure) -> Secret {
        switch self {
        case .given(let secret): return secret
        case .variable(let name):
            guard let text = environment[name], !text.isEmpty else {
                throw Failure(description: "the environment has no variable \(name), or it is empty")
            }
            return Secret(text)
        case .credential(let name):
            guard let folder = environment["CREDENTIALS_DIRECTORY"] else {
                throw Failure(
                    description: "credential:\(name) needs systemd: $CREDENTIALS_DIRECTORY is not set"
                        + " (LoadCredential=\(name):/path in the unit sets it)")
            }
            return try Self.firstLine(of: "\(folder)/\(name)")
        case .file(let path):
            return try Self.firstLine(of: path)
        }
    }

    private static func firstLine(of path: String) throws(Failure) -> Secret {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure(description: "\(path) does not exist or is not readable by this user")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        guard !line.isEmpty else { throw Failure(description: "the first line of \(path) is empty") }
        return Secret(String(line))
    }

    /// What `password_file` says.
    static func parse(file text: String) -> PasswordSource {
        text.hasPrefix("credential:") ? .credential(String(text.dropFirst("credential:".count))) : .file(text)
    }
}
