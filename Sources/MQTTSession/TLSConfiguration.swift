internal import Glibc

/// How a connection is encrypted and whom it trusts.
public struct TLSConfiguration: Sendable, Equatable {
    /// PEM file with the authorities that may vouch for the broker, or nil for those the system trusts. Key `tls.ca`.
    public var caFile: String?
    /// PEM file with our own certificate, for brokers that want one. Key `tls.certificate`.
    public var certificateFile: String?
    /// PEM file with its key, not encrypted. Key `tls.key`.
    public var keyFile: String?
    /// Whether the broker's certificate must carry the name that we connect to. Key `tls.verify_name`.
    public var verifiesName = true
    /// The oldest version that is accepted. Key `tls.min_version`: 1.2 or 1.3.
    public var minimum = Version.v12

    public enum Version: String, Sendable, CaseIterable {
        case v12 = "1.2"
        case v13 = "1.3"
    }

    public init(caFile: String? = nil) { self.caFile = caFile }

    /// Every problem, each starting with its key below `path`.
    public func problems(at path: String) -> [String] {
        var found: [String] = []
        for (key, file) in [("ca", caFile), ("certificate", certificateFile), ("key", keyFile)] {
            guard let file, unsafe access(file, R_OK) != 0 else { continue }
            found.append("\(path).\(key): can't read \(file): \(SystemError.sentence(errno))")
        }
        if (certificateFile == nil) != (keyFile == nil) {
            found.append("\(path).certificate: needs tls.key beside it, and tls.key needs tls.certificate")
        }
        return found
    }
}
