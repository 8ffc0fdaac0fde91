import Glibc
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The certificate under which HTTP is served. Its files are looked at again every minute: what renews certificates replaces
/// files, and tells nobody. Connections that come after that get the new one.
final class ServerCertificate: Sendable {
    /// Days to warn ahead of the end: time for a person to see why nothing renewed it.
    private static let warningDays = 21

    private struct Pair: Sendable {
        var chain: [NIOSSLCertificate]
        var key: NIOSSLPrivateKey

        /// Whole days until the first of the chain ends; below 0 once it has.
        var daysLeft: Int {
            let ends = chain.map(\.notValidAfter).min() ?? 0
            return Int((Double(ends - time(nil)) / 86_400).rounded(.down))
        }
    }

    private let files: HTTPConfiguration.TLS
    private let pair: Mutex<Pair>

    /// - Throws: ``HTTPServerError/certificate(file:reason:)``.
    init(_ files: HTTPConfiguration.TLS) throws {
        self.files = files
        pair = Mutex(try Self.load(files))
    }

    /// What a server is made with. Each handshake takes the certificate as it is then.
    var configuration: TLSConfiguration {
        var configuration = Self.configuration(pair.withLock { $0 })
        configuration.sslContextCallback = { [self] _, promise in
            let pair = pair.withLock { $0 }
            var now = NIOSSLContextConfigurationOverride()
            now.certificateChain = pair.chain.map { .certificate($0) }
            now.privateKey = .privateKey(pair.key)
            promise.succeed(now)
        }
        return configuration
    }

    /// Looks at the files again and again, and warns once a day while the end is near. Ends when it is cancelled.
    func watch(every interval: Duration, logger: Logger) async {
        var problem: String?
        var warnedOn: Int?
        while true {
            let today = time(nil) / 86_400
            let days = pair.withLock { $0.daysLeft }
            if days < Self.warningDays, warnedOn != today {
                logger.warning("http.certificate_expires", metadata: ["days_left": .stringConvertible(days)])
                warnedOn = today
            }
            do { try await Task.sleep(for: interval) } catch { return }
            do {
                let fresh = try await NIOThreadPool.singleton.runIfActive { [files] in try Self.load(files) }
                problem = nil
                guard fresh.chain != pair.withLock({ $0.chain }) else { continue }
                pair.withLock { $0 = fresh }
                warnedOn = nil
                logger.notice("http.certificate_renewed", metadata: ["days_left": .stringConvertible(fresh.daysLeft)])
            } catch is CancellationError {
                return
            } catch {
                // Half of a renewal, perhaps: certificate and key are two files.
                guard problem != "\(error)" else { continue }
                problem = "\(error)"
                logger.error(
                    "http.certificate_unreadable",
                    metadata: ["reason": "\(error)", "effect": "the earlier one is served"])
            }
        }
    }

    /// Reads the files as a start would.
    ///
    /// - Throws: ``HTTPServerError/certificate(file:reason:)``.
    static func check(_ files: HTTPConfiguration.TLS) throws { _ = try load(files) }

    private static func load(_ files: HTTPConfiguration.TLS) throws -> Pair {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificateFile)
            guard !chain.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
        } catch {
            throw HTTPServerError.certificate(
                file: files.certificateFile, reason: "must hold a certificate and those that it rests on, PEM")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.keyFile, format: .pem)
        } catch {
            throw HTTPServerError.certificate(
                file: files.keyFile, reason: "must hold a private key without a passphrase, PEM")
        }
        let pair = Pair(chain: chain, key: key)
        do {
            _ = try NIOSSLContext(configuration: configuration(pair))
        } catch {
            throw HTTPServerError.certificate(
                file: files.keyFile, reason: "must be the key of the certificate in \(files.certificateFile)")
        }
        return pair
    }

    private static func configuration(_ pair: Pair) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain.map { .certificate($0) }, privateKey: .privateKey(pair.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
