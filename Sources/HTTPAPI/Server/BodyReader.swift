import HTTPTypes
import Hummingbird
import NIOCore
import Open311
import Synchronization

/// Reads bodies into memory, and no more of them at a time than there is room for.
///
/// A body that is too long is refused as soon as that is known, one that doesn't end within a time is given up, and what
/// is being read at a moment has a bound of its own: many uploads at once are told to come again. What has come counts, not what
/// is announced: who announces much and sends nothing keeps nobody out.
final class BodyReader: Sendable {
    private let timeout: Duration
    private let room: Int
    private let taken = Mutex(0)

    /// - Parameters:
    ///   - timeout: from head to end of a body.
    ///   - room: for all bodies that are being read, in bytes.
    init(timeout: Duration, room: Int) {
        (self.timeout, self.room) = (timeout, room)
    }

    /// A form without files: a long report in any script, percent-encoded, with room.
    static let longestURLEncoded = 1 << 20

    /// The body as a form; what the query holds stands behind it.
    ///
    /// - Throws: 400, 408, 413 or 429.
    func form(_ call: Call) async throws -> SubmittedForm {
        let type = call.request.headers[.contentType]
        let isMultipart = type?.lowercased().hasPrefix("multipart/") == true
        let body = try await bytes(call, upTo: isMultipart ? SubmittedForm.mostBytes : Self.longestURLEncoded)
        var form = try SubmittedForm(body: body, contentType: type)
        form.append(call.query.parameters)
        return form
    }

    private func bytes(_ call: Call, upTo limit: Int) async throws -> [UInt8] {
        guard let announced = call.announcedBodyBytes else { return [] }
        let tooLong = GeoReportError(code: 413, "The body is longer than \(limit) bytes.")
        guard announced <= limit else { throw tooLong }

        let isLate = Atomic(false)
        let channel = call.context.channel
        // Ends the reading below, and leaves the way back open for the answer.
        let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            isLate.store(true, ordering: .relaxed)
            channel.close(mode: .input, promise: nil)
        }
        defer { alarm.cancel() }
        channel.triggerUserOutboundEvent(ConnectionManners.BodyIsWanted(), promise: nil)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(announced, Self.firstReserve))
        var share = 0
        defer { taken.withLock { [share] in $0 -= share } }
        do {
            for try await chunk in call.request.body {
                guard bytes.count + chunk.readableBytes <= limit else { throw tooLong }
                guard takeRoom(chunk.readableBytes) else { throw Self.crowded }
                share += chunk.readableBytes
                bytes.append(contentsOf: chunk.readableBytesView)
            }
        } catch let error as GeoReportError {
            throw error
        } catch {
            throw isLate.load(ordering: .relaxed) ? Self.late : Self.cutShort
        }
        guard !isLate.load(ordering: .relaxed) else { throw Self.late }
        guard call.request.headers[.contentLength] == nil || bytes.count == announced else { throw Self.cutShort }
        call.context.body.markRead()
        return bytes
    }

    private func takeRoom(_ count: Int) -> Bool {
        taken.withLock { taken in
            guard taken + count <= room else { return false }
            taken += count
            return true
        }
    }

    /// A report's text without photos; for more than that memory is asked for as it comes.
    private static let firstReserve = 64 << 10

    private static let crowded = GeoReportError(
        code: 429, "Too many uploads are under way; try again soon.", retryAfterS: 10)
    private static let late = GeoReportError(code: 408, "The body took too long to arrive.")
    private static let cutShort = GeoReportError(code: 400, "The body ended before its announced length.")
}

extension Call {
    /// Bytes of the body, where its length was said; 0 for one that will come in chunks; nil: there is no body.
    fileprivate var announcedBodyBytes: Int? {
        if let length = request.headers[.contentLength] { return Int(length) ?? .max }
        return request.headers[.transferEncoding] == nil ? nil : 0
    }
}
