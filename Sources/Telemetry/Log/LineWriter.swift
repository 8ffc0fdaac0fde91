internal import Glibc

/// Writes bytes to a descriptor that may be a pipe whose reader is slow or gone.
enum LineWriter {
    /// What a pipe takes in one piece when it says that it is writable.
    private static let pieceBytes = Int(PIPE_BUF)

    /// Writes `bytes`, with one `write(2)` up to 4096 of them. Waits for a full pipe, also a blocking one, no longer than
    /// `patienceMs`, because a reader that sleeps must not stop the writer.
    ///
    /// - Returns: how many were written; fewer than all when the reader is asleep or gone, or the disk is full.
    static func write(_ bytes: [UInt8], to fileDescriptor: Int32, patienceMs: Int32) -> Int {
        withoutBrokenPipeSignal {
            var done = 0
            while done < bytes.count {
                var descriptor = pollfd(fd: fileDescriptor, events: Int16(POLLOUT), revents: 0)
                let polled = unsafe poll(&descriptor, 1, patienceMs)
                if polled < 0, errno == EINTR { continue }
                guard polled == 1 else { break }
                let piece = bytes[done..<min(done + pieceBytes, bytes.count)]
                let written = unsafe piece.withUnsafeBytes { piece in
                    unsafe Glibc.write(fileDescriptor, piece.baseAddress, piece.count)
                }
                if written > 0 {
                    done += written
                } else if written == 0 || (errno != EINTR && errno != EAGAIN) {
                    break
                }
            }
            return done
        }
    }

    /// Runs `body` so that a reader that is gone is an error code, not a SIGPIPE that ends the process.
    ///
    /// The signal is blocked on this thread, and taken from it if `body` raised it: the process's own handling of
    /// SIGPIPE, which child processes inherit, stays as it is.
    private static func withoutBrokenPipeSignal(_ body: () -> Int) -> Int {
        var pipe = sigset_t()
        var before = sigset_t()
        var pending = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe sigpending(&pending)
        let wasPending = unsafe sigismember(&pending, SIGPIPE) == 1
        unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        let written = body()
        // Not when it was pending before: then it is somebody else's.
        if !wasPending {
            var now = timespec()
            unsafe sigtimedwait(&pipe, nil, &now)
        }
        return written
    }
}
