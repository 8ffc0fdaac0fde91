import HTTPTypes
import Hummingbird
import NIOCore
import Open311

extension EventBroadcaster {
    /// `GET /api/events`: server-sent events until either side leaves.
    func stream(_ call: Call) -> Response {
        let headers: HTTPFields = [
            .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store",
            // Tells nginx to pass events on as they come.
            HTTPField.Name("X-Accel-Buffering")!: "no",
        ]
        if call.request.method == .head { return Response(status: .ok, headers: headers) }
        let channel = call.context.channel
        guard let subscription = listen(close: { channel.close(promise: nil) }) else {
            return .error(
                GeoReportError(
                    code: 503, "Too many live streams are open; try again later.", retryAfterS: 30), as: .json)
        }
        let body = ResponseBody { writer in
            // Bytes at once, so that the client knows that it is connected; and how soon to come back.
            try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
            for await batch in subscription.batches {
                if let gap = subscription.gap() { try await writer.write(gap) }
                try await writer.write(batch.bytes)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}
