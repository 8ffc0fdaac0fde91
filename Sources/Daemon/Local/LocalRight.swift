/// What a process on this machine may ask of the daemon, by who runs it: the kernel says who that is.
enum LocalRight: Comparable {
    /// To look. Whoever the socket's mode lets in.
    case observe
    /// To change. The daemon's own user, and root.
    case administer

    init(peer: UInt32, daemon: UInt32) { self = peer == 0 || peer == daemon ? .administer : .observe }
}
