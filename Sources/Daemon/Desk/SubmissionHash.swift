internal import Foundation
internal import IssueStorage
internal import Open311

/// What tells submissions apart: said twice, a submission is one.
struct SubmissionHash {
    /// 32 bytes.
    let bytes: [UInt8]
    /// Whether the caller gave the submission no name of its own: then saying it again after a while means a new one.
    let expires: Bool

    init(_ submission: RequestSubmission, _ reporter: Reporter?) {
        if let name = submission.externalID {
            self.init(named: ["report", "\(submission.key)", name])
        } else {
            self.init(unnamed: submission, and: reporter.map { [$0.email, $0.phone, $0.accountID, $0.deviceID] })
        }
    }

    init(_ update: UpdateSubmission) {
        if let name = update.externalID {
            self.init(named: ["update", "\(update.key)", "\(update.requestID)", name])
        } else {
            self.init(unnamed: update, and: nil)
        }
    }

    private init(named parts: [String]) {
        // Lengths keep parts apart, whatever is in them.
        let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
        (bytes, expires) = (ContentHash.bytes(Array(text.utf8)), false)
    }

    private init(unnamed submission: some Encodable, and reporter: [String?]?) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let content = (try? encoder.encode(submission)) ?? Data()
        let personal = (try? encoder.encode(reporter)) ?? Data()
        (bytes, expires) = (ContentHash.bytes(Array(content) + [0] + Array(personal)), true)
    }
}
