internal import Foundation
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// The daemon's end of the local socket.
///
/// Its file's mode lets in the daemon's user and group; what a caller may do is decided by who the kernel says he is. Between
/// the making of the file and its mode there is a moment, in which the directory's own mode keeps strangers out.
struct LocalServer: Service, CustomStringConvertible {
    let socket: LocalSocket
    let commands: LocalCommands
    let logger: Logger
    /// Called once, when commands can come or it has been said that they can't.
    let onOpen: @Sendable () -> Void

    var description: String { "local socket" }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// A caller who is not read yet. Not a `Connection`: one that comes while the daemon stops is dropped unserved, which a
    /// `NIOAsyncChannel` takes for a mistake and traps.
    private struct Peer: Sendable {
        var channel: any Channel
        var right: LocalRight
    }

    func run() async throws {
        let server: NIOAsyncChannel<Peer, Never>
        do {
            server = try await listen()
        } catch {
            // The daemon's work is elsewhere: commands find it stopped, and say so.
            logger.warning("local.unavailable", metadata: ["path": "\(socket.path)", "reason": "\(error)"])
            onOpen()
            try? await gracefulShutdown()
            return
        }
        onOpen()
        defer { _ = unsafe unlink(socket.path) }
        try? await cancelWhenGracefulShutdown {
            try await server.executeThenClose { peers in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await peer in peers { group.addTask { await serve(peer) } }
                }
            }
        }
        guard !Task.isShuttingDownGracefully, !Task.isCancelled else { return }
        // The socket has failed, and nothing else: the daemon goes on without it.
        logger.warning("local.unavailable", metadata: ["path": "\(socket.path)", "reason": "it was closed"])
        try? await gracefulShutdown()
    }

    private func listen() async throws -> NIOAsyncChannel<Peer, Never> {
        guard socket.path.utf8.count <= LocalSocket.longestPath else {
            throw LocalError(
                code: "long_path",
                "the path is \(socket.path.utf8.count) bytes long, sockets' have \(LocalSocket.longestPath) at most; "
                    + "choose a data directory with a shorter one")
        }
        let daemon = geteuid()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(unixDomainSocketPath: socket.path, cleanupExistingSocketFile: true) { channel in
                channel.setOption(.autoRead, value: false).flatMap { Self.credentials(of: channel) }.map { user in
                    Peer(channel: channel, right: LocalRight(peer: user, daemon: daemon))
                }
            }
        guard unsafe chmod(socket.path, 0o660) == 0 else {
            throw LocalError(code: "mode", "its mode can't be set, errno \(errno)")
        }
        return server
    }

    /// The user who runs the process at the other end, as the kernel noted it when he connected.
    private static func credentials(of channel: any Channel) -> EventLoopFuture<UInt32> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(LocalError(code: "no_credentials", "no socket"))
        }
        // The option's value is a `struct ucred` (unix(7)), which Glibc's module doesn't have: three 32-bit numbers.
        let found: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return found.map(\.user)
    }

    private struct Credentials: BitwiseCopyable, Sendable {
        var process: Int32
        var user: UInt32
        var group: UInt32
    }

    /// Answers one caller's questions, one after the other, until he leaves.
    private func serve(_ peer: Peer) async {
        let channel = peer.channel
        let wrapped = try? await channel.eventLoop.submit {
            try Connection(wrappingChannelSynchronously: channel)
        }.get()
        guard let wrapped else { return }
        try? await wrapped.executeThenClose { inbound, outbound in
            try await channel.setOption(.autoRead, value: true).get()
            var lines = LineReader()
            for try await bytes in inbound {
                guard lines.take(bytes) else { return }
                while let line = lines.next() {
                    let answer = await commands.answer(
                        line, directory: socket.directory, right: peer.right
                    ) { progress in
                        guard let line = try? LocalCoding.line(LocalAnswer<LocalNothing>(progress: progress)) else {
                            return
                        }
                        try? await outbound.write(ByteBuffer(bytes: line))
                    }
                    try await outbound.write(ByteBuffer(bytes: answer))
                }
            }
        }
    }
}
