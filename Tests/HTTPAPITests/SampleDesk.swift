import HTTPAPI
import Open311
import Synchronization

/// A desk that writes down what it is given. Its keys are `reporter` and `updater`.
final class SampleDesk: CivicDesk {
    struct Broken: Error {}

    struct Taken: Sendable {
        var submissions: [RequestSubmission] = []
        var reporters: [Reporter?] = []
        var updates: [UpdateSubmission] = []
        var photos: [String: Photo] = [:]
        var addresses: [String] = []
    }

    private let state = Mutex(Taken())
    private let receipt: SubmissionReceipt
    private let isBroken: Bool

    init(receipt: SubmissionReceipt = .request(6), isBroken: Bool = false) {
        (self.receipt, self.isBroken) = (receipt, isBroken)
    }

    var taken: Taken { state.withLock { $0 } }

    func access(
        key: String?, needing role: AccessRole, from address: String
    ) async throws(GeoReportError) -> Access {
        state.withLock { $0.addresses.append(address) }
        switch (key, role) {
        case ("reporter", .report): return Access(key: 1, name: "reporter", roles: [.report])
        case ("updater", .update): return Access(key: 2, name: "updater", roles: [.update])
        case ("busy", _): throw GeoReportError(code: 429, "Too many.", retryAfterS: 7)
        default: throw GeoReportError(code: 403, "api_key: is missing, wrong or without this right")
        }
    }

    func submit(
        _ submission: RequestSubmission, photos: [Photo], reporter: Reporter?, by access: Access
    ) async throws -> SubmissionReceipt {
        if isBroken { throw Broken() }
        keep(photos)
        state.withLock {
            $0.submissions.append(submission)
            $0.reporters.append(reporter)
        }
        return receipt
    }

    func submit(_ update: UpdateSubmission, photos: [Photo], by access: Access) async throws -> RequestUpdate {
        if isBroken { throw Broken() }
        guard update.requestID <= 5 else {
            throw GeoReportError(code: 404, "There is no service request with this id.")
        }
        keep(photos)
        state.withLock { $0.updates.append(update) }
        return RequestUpdate(requestID: update.requestID, number: 2, atMs: nowMs, status: .open, text: update.text)
    }

    func request(token: String) async throws -> TokenState {
        switch token {
        case "waiting": .pending
        case "done": .request(6)
        default: throw GeoReportError(code: 404, "There is no such token.")
        }
    }

    /// Two of the same length are one here.
    func name(of photo: Photo) -> String {
        let number = String(photo.bytes.count, radix: 16)
        return String(repeating: "0", count: 32 - number.utf8.count) + "\(number).\(photo.format.fileExtension)"
    }

    private func keep(_ photos: [Photo]) {
        state.withLock { state in for photo in photos { state.photos[name(of: photo)] = photo } }
    }

    func photo(named name: String) async throws -> Photo? { state.withLock { $0.photos[name] } }
}
