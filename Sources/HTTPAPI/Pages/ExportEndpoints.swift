import HTTPTypes
import Hummingbird
import NIOCore
import IssueStorage
import Open311
import Synchronization

/// `/export/`: all requests as open data, streamed.
///
/// ```
/// store ──1,000 rows──▶ rows as the public sees them ──▶ gzip? ──▶ socket   and again, when the socket has taken them
/// ```
/// Memory is that of one step, whatever is exported and however slowly it is read. Who reads nothing is cut off.
struct ExportEndpoints: Sendable {
    let store: IssueReader
    let view: PublicView
    let nowMs: @Sendable () -> Int64
    private let patience: TimeAmount
    private let places = ExportPlaces(8)

    /// - Parameter patience: how long a reader may take nothing.
    init(store: IssueReader, view: PublicView, patience: Duration, nowMs: @escaping @Sendable () -> Int64) {
        (self.store, self.view, self.nowMs) = (store, view, nowMs)
        self.patience = TimeAmount(patience)
    }

    private func view(_ call: Call) -> PublicView {
        var view = view
        view.baseURL = call.baseURL
        return view
    }

    private static let rowsPerStep = 1000
    /// Written at a time: what the slowest reader takes within its time.
    private static let bytesPerWrite = 64 << 10

    /// `/export/requests.csv`, `.geojson`, `.ndjson`, each also with `.gz` behind it.
    func requests(_ call: Call) async throws -> Response {
        var name = call["kind"]
        let isFile = name.hasSuffix(".gz")
        if isFile { name.removeLast(3) }
        guard let format = ExportFormat(rawValue: name) else {
            throw GeoReportError(code: 404, "There are requests.csv, requests.geojson and requests.ndjson.")
        }
        let view = view(call)
        let search = try ExportSearch(
            parameters: call.query.parameters, nowMs: nowMs(), catalog: view.catalog)
        let isEncoded = !isFile && call.request.takesGzip
        var headers: HTTPFields = [
            .contentType: isFile ? "application/gzip" : format.contentType,
            .contentDisposition: "attachment; filename=\"requests.\(call["kind"])\"",
            .vary: "Accept-Encoding",
        ]
        if isEncoded { headers[.contentEncoding] = "gzip" }
        if call.request.method == .head { return Response(status: .ok, headers: headers) }
        guard let place = places.take() else {
            throw GeoReportError(code: 429, "Too many exports are under way; try again later.", retryAfterS: 30)
        }
        let channel = call.context.channel
        let body = ResponseBody { writer in
            defer { _ = place }
            try await write(search, ExportEncoder(format, for: view), isZipped: isFile || isEncoded) { bytes in
                for start in stride(from: 0, to: bytes.count, by: Self.bytesPerWrite) {
                    let alarm = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
                    defer { alarm.cancel() }
                    let end = min(bytes.count, start + Self.bytesPerWrite)
                    try await writer.write(ByteBuffer(bytes: bytes[start..<end]))
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Waits with each piece until the one before was taken.
    private func write(
        _ search: ExportSearch, _ encoder: consuming ExportEncoder, isZipped: Bool,
        to send: ([UInt8]) async throws -> Void
    ) async throws {
        var encoder = encoder
        let gzip = isZipped ? GzipStream() : nil
        let query = RequestQuery(search)
        var position: ExportPosition?
        var piece = encoder.head()
        while true {
            let rows = try await store.export(
                query, asOfMs: search.asOfMs, behind: position, count: Self.rowsPerStep)
            for row in rows { encoder.append(row, to: &piece) }
            guard let last = rows.last, rows.count == Self.rowsPerStep else { break }
            position = ExportPosition(behind: last.request)
            try await send(gzip?.compress(piece) ?? piece)
            piece.removeAll(keepingCapacity: true)
        }
        piece += encoder.end()
        guard let gzip else { return try await send(piece) }
        try await send(gzip.compress(piece) + gzip.finish())
    }

    /// `/export/`: what there is, for people.
    func page(_ call: Call) -> Response {
        .text(ExportPage(view(call), baseURL: call.baseURL).html, contentType: "text/html; charset=utf-8")
    }
}

extension RequestQuery {
    init(_ search: ExportSearch) {
        self.init(search.search)
        wards = search.wards
        leastSeverity = search.leastSeverity
    }
}

/// How many exports may be under way at a time.
final class ExportPlaces: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) { free = Mutex(count) }

    /// Held until it is let go of; nil when there is none.
    func take() -> Place? {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        } ? Place(self) : nil
    }

    final class Place: Sendable {
        private let places: ExportPlaces
        fileprivate init(_ places: ExportPlaces) { self.places = places }
        deinit { places.free.withLock { $0 += 1 } }
    }
}
