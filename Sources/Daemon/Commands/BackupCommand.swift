internal import ArgumentParser
internal import Foundation
internal import IssueStorage

/// `sluice backup`: the whole data directory in one file, beside a running daemon.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the data to one file, while the daemon runs.",
        discussion: """
            The copy is one moment of the database, with the photos beside it. The daemon goes on meanwhile and waits \
            for nothing. It holds what the database holds, reporters' names included, until someone deletes it: sluice \
            privacy erase does not reach it.

            Example:
              sluice backup --data /var/lib/sluice /srv/backup/sluice-$(date +%F).db
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("The file to make. It must not exist.", valueName: "file"), completion: .file())
    var file: String

    func run() async throws {
        try await Failure.report {
            let (directory, path) = (try data.directory(), absolute(file))
            let size = megabytes(StoreVerification.path(in: directory))
            let bar = ProgressBar("Backup", unit: "MiB", total: size)
            let summary = try await offPool("sluice-backup") {
                try StoreBackup.make(of: directory, to: path) { share in
                    bar.update(share: share, done: Int(share * Double(size)))
                }
            }
            bar.finish(size)
            Terminal.say(
                "\(path): \(ProgressBar.grouped(summary.bytes)) bytes, \(summary.files) "
                    + "file\(summary.files == 1 ? "" : "s") beside the database")
        }
    }
}

/// `sluice restore`: a backup becomes the data.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a backup the data. The daemon must be stopped.",
        discussion: """
            The backup is verified first. A database that is there is moved aside, to sluice.db.replaced-…, never \
            deleted. The daemon goes on from the backup: requests since then are forgotten, and what the broker's \
            journal still has of the readings since then is read again (mqtt.journal).

            Example:
              systemctl stop sluice
              sluice restore --data /var/lib/sluice --replace /srv/backup/sluice-05-01.db
              systemctl start sluice
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"), completion: .file())
    var file: String

    @Flag(help: "Move a database that is there aside.")
    var replace = false

    func run() async throws {
        try await Failure.report {
            let (directory, path, isReplacing) = (try data.directory(), absolute(file), replace)
            let target = StoreVerification.path(in: directory)
            guard isReplacing || !FileManager.default.fileExists(atPath: target) else {
                throw Failure("\(target): there is a database already; --replace moves it aside", .dataUnwritable)
            }
            let verification = try await offPool("sluice-verify") { try verify(namedFile: path) }
            guard verification.isSound else {
                throw Failure("\(path): \(verification.complaint)\nnothing was restored", .storageFailed)
            }
            let size = megabytes(path)
            let bar = ProgressBar("Restore", unit: "MiB", total: size)
            let (summary, former) = try await offPool("sluice-restore") {
                try StoreBackup.restore(
                    path, into: directory, isReplacing: isReplacing,
                    nowMs: Int64(Date.now.timeIntervalSince1970 * 1000)
                ) { share in bar.update(share: share, done: Int(share * Double(size))) }
            }
            bar.finish(size)
            Terminal.say(
                "\(directory): \(ProgressBar.grouped(summary.bytes)) bytes, \(summary.files) other "
                    + "file\(summary.files == 1 ? "" : "s")")
            if let former { Terminal.say("the former database is \(former)") }
        }
    }
}

/// `sluice verify`: does a database hold together?
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the data, or a backup: every page, and what must be true between tables.",
        discussion: """
            Reads all of it in one snapshot, beside a running daemon or without one. Ends with \(SluiceExit.storageFailed.rawValue) when something is wrong.

            Examples:
              sluice verify --data /var/lib/sluice
              sluice verify /srv/backup/sluice-2026-05-01.db
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("A backup, instead of the data directory.", valueName: "file"), completion: .file())
    var file: String?

    func run() async throws {
        try await Failure.report {
            let path = try file.map(absolute) ?? StoreVerification.path(in: try data.directory())
            let isNamed = file != nil
            let verification = try await offPool("sluice-verify") {
                isNamed ? try verify(namedFile: path) : try StoreVerification(path: path)
            }
            for finding in verification.findings {
                Terminal.say("\(finding.isSound ? "ok    " : "WRONG ") \(finding.rule)")
                for problem in finding.problems { Terminal.say("         \(Terminal.printable(problem))") }
            }
            guard verification.isSound else { throw Failure("\(path): does not hold together", .storageFailed) }
        }
    }
}

extension StoreVerification {
    /// What is wrong, in one sentence.
    fileprivate var complaint: String {
        findings.filter { !$0.isSound }
            .map { "not true that \($0.rule): \($0.problems.joined(separator: ", "))" }.joined(separator: "; ")
    }
}

/// Looks at a file that a person named.
private func verify(namedFile path: String) throws(StorageError) -> StoreVerification {
    do { return try StoreVerification(path: path) } catch { throw error.ofNamedFile }
}

/// The path as it is from anywhere.
private func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }

/// The file's size, at least 1.
private func megabytes(_ path: String) -> Int {
    let bytes = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
    return max(1, bytes >> 20)
}
