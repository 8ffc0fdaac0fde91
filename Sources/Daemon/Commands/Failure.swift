internal import ArgumentParser
internal import Foundation
internal import HTTPAPI
internal import IssueStorage
internal import Settings

/// Why a command ends early: one sentence with what to do, and the number that scripts see.
struct Failure: Error {
    var sentence: String
    var exit: SluiceExit

    init(_ sentence: String, _ exit: SluiceExit) {
        self.sentence = sentence
        self.exit = exit
    }

    /// What went wrong in a part of the daemon, with the exit code that belongs to it.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ConfigurationProblems: self.init("\(error)", .configuration)
        case let error as ZoneFileError: self.init("\(error)", .configuration)
        case let error as RegistryError: self.init("\(error)", .configuration)
        case let error as StorageError: self.init("\(error)", error.exit)
        case let error as LocalError: self.init("\(error)", error.exit)
        case HTTPServerError.portInUse(let port):
            self.init(
                "port \(port) is taken by another program; stop it, or set http.port (--http-port, SLUICE_HTTP_PORT) "
                    + "to a free one", .portInUse)
        case HTTPServerError.certificate: self.init("\(error)", .configuration)
        case let error as HTTPServerError: self.init("\(error)", .portInUse)
        default: self.init("\(error)", .defect)
        }
    }

    /// Runs `body`, and turns what it throws into a sentence on standard error and an exit code.
    static func report(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch is StoppedEarly {
            return
        } catch {
            let failure = Failure(error)
            Terminal.complain("sluice: \(failure.sentence)")
            throw ExitCode(failure.exit.rawValue)
        }
    }
}

extension StorageError {
    /// The exit code that belongs to it.
    fileprivate var exit: SluiceExit {
        switch self {
        case .locked: .dataLocked
        case .unwritable, .noPlace: .dataUnwritable
        case .missing, .unusable(_, _, isMissing: true): .noInput
        default: .storageFailed
        }
    }
}

extension LocalError {
    /// The exit code that belongs to it.
    fileprivate var exit: SluiceExit {
        switch code {
        case "not_permitted": .dataUnwritable
        case "unknown_name": .usage
        case "not_found", "missing": .noInput
        case "queue_full", "stopping", "not_started", "stalled", "hung_up", "locked", "unreachable":
            .dataLocked
        case "failed", "unwritable", "unreadable", "corrupted", "newer_schema", "not_a_database", "not_ours":
            .storageFailed
        default: .badInput
        }
    }
}
