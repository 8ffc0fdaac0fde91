internal import Glibc

/// The certificate that a broker showed: how long it is still good.
///
/// libmosquitto hands out OpenSSL's connection and nothing more. The four functions are looked up in the OpenSSL that
/// libmosquitto has loaded, so that building needs neither its headers nor the same version.
enum PeerCertificate {
    /// Days to warn ahead of the end: time for a person to renew it.
    static let warningDays = 30

    private typealias Take = @convention(c) (OpaquePointer) -> OpaquePointer?
    private typealias Free = @convention(c) (OpaquePointer) -> Void
    private typealias Difference =
        @convention(c) (
            UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>, OpaquePointer?, OpaquePointer
        ) -> Int32

    /// Whole days until the certificate of a TLS connection ends; nil when that can't be told.
    ///
    /// - Parameter connection: an `SSL *` that has shaken hands.
    static func daysLeft(of connection: OpaquePointer) -> Int? {
        // OpenSSL 3 renamed the first; both give a reference that is ours to free.
        let take: Take? = unsafe find("SSL_get1_peer_certificate") ?? find("SSL_get_peer_certificate")
        let end: Take? = unsafe find("X509_get0_notAfter")
        let difference: Difference? = unsafe find("ASN1_TIME_diff")
        let free: Free? = unsafe find("X509_free")
        guard let take = unsafe take, let end = unsafe end, let difference = unsafe difference,
            let free = unsafe free, let certificate = unsafe take(connection)
        else { return nil }
        defer { unsafe free(certificate) }
        var (days, seconds): (Int32, Int32) = (0, 0)
        // A missing first time is now.
        guard let notAfter = unsafe end(certificate), unsafe difference(&days, &seconds, nil, notAfter) == 1 else {
            return nil
        }
        return Int(days)
    }

    /// A function of the libraries that are loaded, whose type the caller knows from OpenSSL's manual.
    private static func find<Function>(_ name: String) -> Function? {
        guard let address = unsafe dlsym(nil, name) else { return nil }
        return unsafe unsafeBitCast(address, to: Function.self)
    }
}
