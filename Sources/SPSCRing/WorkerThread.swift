internal import CPlatform
internal import Glibc
internal import Synchronization

/// A named POSIX thread for blocking work that must stay off Swift's cooperative pool.
///
/// SIGINT, SIGTERM and SIGHUP are blocked on it, so that they reach the side that handles shutdown and reload.
/// Letting go of the object neither stops nor waits for the thread.
public final class WorkerThread: Sendable {
    /// The thread until somebody has joined it. The lock is held while joining, so that a second caller waits too.
    private let handle: Mutex<pthread_t?>
    private let completion: Completion

    private init(handle: pthread_t, completion: Completion) {
        self.handle = Mutex(handle)
        self.completion = completion
    }

    deinit {
        if let thread = handle.withLock({ $0 }) { _ = pthread_detach(thread) }
    }

    /// Starts a thread that runs `body` once.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H` and debuggers; 1 to 15 bytes, without NUL.
    ///   - body: let go of as soon as it has returned, before ``join()`` and ``finished()`` return.
    /// - Precondition: the system has room for another thread.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) -> WorkerThread {
        precondition((1...15).contains(name.utf8.count), "a thread's name has 1 to 15 bytes: \(name)")
        let launch = Launch(body)
        // The new thread takes this reference over: it is balanced by `takeRetainedValue` in `entry`.
        let context = unsafe Unmanaged.passRetained(launch)
        var thread = pthread_t()
        let error = unsafe cplatform_start_thread(&thread, name, entry, context.toOpaque())
        precondition(error == 0, "cannot start the thread \(name), errno \(error)")
        return WorkerThread(handle: thread, completion: launch.completion)
    }

    /// Starts a thread that takes `value` over and runs `body` with it once.
    public static func start<Value: ~Copyable & Sendable>(
        name: String, owning value: consuming Value, _ body: @escaping @Sendable (consuming Value) -> Void
    ) -> WorkerThread {
        let handoff = Handoff(value)
        return start(name: name) {
            if let value = handoff.take() { body(value) }
        }
    }

    /// Blocks the caller until the body has returned. Any number of threads may call it, any number of times.
    ///
    /// - Precondition: not called on the thread itself.
    public func join() {
        handle.withLock { thread in
            guard let running = thread else { return }
            let error = pthread_join(running, nil)
            precondition(error == 0, "cannot join, errno \(error): a thread must not wait for itself")
            thread = nil
        }
    }

    /// Suspends the caller until the body has returned. It blocks no thread and does not react to cancellation:
    /// tell the body to end, then wait.
    public func finished() async {
        await withCheckedContinuation { continuation in completion.resume(continuation) }
    }
}

/// What the new thread takes over.
///
/// `@unchecked Sendable`: made on one thread and, after `pthread_create`, which orders memory, used on one other only.
private final class Launch: @unchecked Sendable {
    private var body: (@Sendable () -> Void)?
    let completion = Completion()

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func run() {
        body?()
        body = nil
        completion.complete()
    }
}

/// Whether the body has returned, and who waits for that.
private final class Completion: Sendable {
    private enum State {
        case running(waiting: [CheckedContinuation<Void, Never>])
        case complete
    }
    private let state = Mutex(State.running(waiting: []))

    /// Resumes `continuation` now if the body has returned, else when it does.
    func resume(_ continuation: CheckedContinuation<Void, Never>) {
        let isComplete = state.withLock { state in
            guard case .running(let waiting) = state else { return true }
            state = .running(waiting: waiting + [continuation])
            return false
        }
        if isComplete { continuation.resume() }
    }

    func complete() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard case .running(let waiting) = state else { return [] }
            state = .complete
            return waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// The thread's C entry point.
private func entry(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<Launch>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
