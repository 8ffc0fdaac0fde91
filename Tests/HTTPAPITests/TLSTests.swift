import Foundation
import HTTPAPI
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

/// HTTP under a certificate of our own.
@Suite struct TLSTests {
    /// A folder with an authority and a certificate of its making for 127.0.0.1.
    private final class Certificates: Sendable {
        let folder: TestFolder
        var files: HTTPConfiguration.TLS {
            HTTPConfiguration.TLS(
                certificateFile: "\(folder.path)/server.pem", keyFile: "\(folder.path)/server.key")
        }
        var authority: String { "\(folder.path)/ca.pem" }

        init() throws {
            folder = try TestFolder()
            try renew()
        }

        func renew() throws { try TestBroker.makeCertificates(for: "127.0.0.1", in: folder.path) }

        /// What a GET answers; the server's certificate must be by the present authority.
        func get(_ path: String, port: Int) async throws -> String {
            var settings = TLSConfiguration.makeClientConfiguration()
            settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
            let context = try NIOSSLContext(configuration: settings)
            let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil))
                        return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            return try await connection.executeThenClose { inbound, outbound in
                let head = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n"
                try await outbound.write(ByteBuffer(string: head))
                var all = ""
                for try await chunk in inbound { all += String(buffer: chunk) }
                return all
            }
        }
    }

    @Test func servesUnderItsCertificateAndNamesItselfSo() async throws {
        let certificates = try Certificates()
        try await RunningServer.with(configure: { $0.tls = certificates.files }) { server in
            let page = try await certificates.get("/", port: server.port)
            #expect(page.hasPrefix("HTTP/1.1 200"), "\(page)")
            let discovery = try await certificates.get("/open311/v2/discovery.json", port: server.port)
            #expect(discovery.contains("https://127.0.0.1:\(server.port)/open311/v2"), "\(discovery)")
            // In the clear there is no answer.
            let clear = try? await HTTPClient.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n", port: server.port)
            #expect(clear?.contains("HTTP/1.1") != true)
            // And that did no harm.
            #expect(try await certificates.get("/health/live", port: server.port).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func aRenewedCertificateIsTakenWithoutARestartAndAHalfRenewedOneIsNot() async throws {
        let certificates = try Certificates()
        try await RunningServer.with(
            configure: {
                $0.tls = certificates.files
                $0.certificateInterval = .milliseconds(20)
            }
        ) { server in
            // A key without its certificate: the earlier pair is served.
            let key = try String(contentsOfFile: certificates.files.keyFile, encoding: .utf8)
            let other = try Certificates()
            let otherKey = try String(contentsOfFile: other.files.keyFile, encoding: .utf8)
            try otherKey.write(toFile: certificates.files.keyFile, atomically: true, encoding: .utf8)
            #expect(try await certificates.get("/health/live", port: server.port).hasPrefix("HTTP/1.1 200"))
            try key.write(toFile: certificates.files.keyFile, atomically: true, encoding: .utf8)
            // By another authority, which alone is trusted from now on.
            try certificates.renew()
            try await eventually("the renewed certificate is served") {
                (try? await certificates.get("/health/live", port: server.port))?.hasPrefix("HTTP/1.1 200") == true
            }
        }
    }

    @Test(arguments: [
        ("server.pem", "no certificate", "must hold a certificate"),
        ("server.key", "no key", "must hold a private key"),
    ])
    func filesThatAreNoneStopTheStart(name: String, text: String, says: String) async throws {
        let certificates = try Certificates()
        try text.write(toFile: "\(certificates.folder.path)/\(name)", atomically: true, encoding: .utf8)
        try await expectRefusal(certificates, naming: name, says)
    }

    @Test func aKeyOfAnotherCertificateStopsTheStart() async throws {
        let (certificates, other) = (try Certificates(), try Certificates())
        let key = try String(contentsOfFile: other.files.keyFile, encoding: .utf8)
        try key.write(toFile: certificates.files.keyFile, atomically: true, encoding: .utf8)
        try await expectRefusal(certificates, naming: "server.key", "must be the key of the certificate")
    }

    private func expectRefusal(_ certificates: Certificates, naming file: String, _ sentence: String) async throws {
        let error = await #expect(throws: HTTPServerError.self) {
            try await RunningServer.with(configure: { $0.tls = certificates.files }) { _ in }
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.hasPrefix("http.tls: ") && text.contains(file) && text.contains(sentence), "\(text)")
    }
}
