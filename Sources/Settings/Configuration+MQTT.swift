package import MQTTSession
package import Readings

extension Configuration {
    /// Where readings come from. Keys `mqtt.…`.
    ///
    /// One broker is written straight into the group (`mqtt.host`), several as a list (`mqtt.brokers`).
    package struct MQTT: Sendable, Equatable {
        /// One connection and one thread for each. Key `mqtt.brokers`.
        package var brokers = [Broker()]
        /// Stream elements between a connection and the pipeline, a power of two. Key `mqtt.ring_capacity`.
        /// A full ring stops the connection from reading; nothing is dropped.
        package var ringCapacity = 65_536
        /// Longest wait between attempts to connect. Key `mqtt.reconnect_max`.
        package var reconnectMax = Duration.seconds(30)

        /// The broker of the short form.
        var single: Broker {
            get { brokers.first ?? Broker() }
            set { brokers = [newValue] }
        }

        /// Keys of the short form are those of a broker in the list.
        static let keys: [Key<Self>] =
            Broker.keys.map { $0.lifted(to: \.single) } + [
                .list("brokers", \.brokers, Broker.keys) { Broker() },
                .scalar("ring_capacity", \.ringCapacity, .powerOfTwo),
                .scalar("reconnect_max", \.reconnectMax, .duration(.seconds(1) ... .seconds(3600))),
            ]
    }

    /// One broker connection. Keys `mqtt.…` in the short form, `mqtt.brokers[n].…` in the list.
    package struct Broker: Sendable, Equatable {
        /// In logs and metrics. Key `name`.
        package var name = "broker"
        /// Key `host`.
        package var host = "localhost"
        /// TCP port. Key `port`. With `tls` the default is 8883.
        package var port = 1883
        /// The session's name at the broker. Key `client_id`.
        ///
        /// It must stay the same: the broker keeps unread messages under it. For that reason it isn't made from the host's name,
        /// which changes with each container; two daemons at one broker need two ids.
        package var clientID = "sluice"
        /// Key `username`.
        package var username: String?
        /// Keys `password_file` and `password_env`.
        package var password: PasswordSource?
        /// Key `protocol`.
        package var version = SessionConfiguration.ProtocolVersion.v5
        /// Longest silence on the connection before it counts as dead, halved. Key `keepalive`.
        package var keepalive = Duration.seconds(60)
        /// Messages that the broker may send before one is acknowledged. Key `receive_maximum`.
        package var receiveMaximum = 2000
        /// Folder of the broker's journal (the SluiceJournal plugin's), on this machine; nil when it keeps none. Key `journal`.
        package var journal: String?
        /// Encryption; nil for none. Key `tls`.
        package var tls: TLS?
        /// Whether this connection acts as a Sparkplug host application; then it is for Sparkplug's routes alone. Key `sparkplug`.
        package var sparkplug: SparkplugSettings?

        static let keys: [Key<Self>] = [
            .scalar("name", \.name, .name),
            .scalar("host", \.host, .host),
            .scalar("port", \.port, .integer(1...65_535)),
            .scalar("client_id", \.clientID, .name),
            .optional("username", \.username, .text),
            .refused(
                "password",
                "a password may not stand in the file; write it to a file that only the daemon can read and name that in"
                    + " password_file, or set password_env to the name of a variable that holds it"),
            passwordFile,
            passwordVariable,
            .scalar("protocol", \.version, .word(SessionConfiguration.ProtocolVersion.allCases) { $0.rawValue }),
            .scalar("keepalive", \.keepalive, .duration(.seconds(5) ... .seconds(3600))),
            .scalar("receive_maximum", \.receiveMaximum, .integer(1...65_535)),
            .optionalPath("journal", \.journal, existing: nil),
            .optionalGroup("tls", \.tls, TLS.keys) { TLS() },
            .optionalGroup("sparkplug", \.sparkplug, SparkplugSettings.keys) { SparkplugSettings() },
        ]

        private static let passwordFile = Key<Self>(name: "password_file") { entry, path, broker, reader in
            if let text = reader.scalar(entry, at: path, .text) {
                switch PasswordSource.parse(file: text) {
                case .file(let text): broker.password = .file(reader.resolve(text, at: path))
                case let other: broker.password = other
                }
            }
            reader.note(path, broker.passwordFileText)
        }

        private static let passwordVariable = Key<Self>(name: "password_env") { entry, path, broker, reader in
            if let name = reader.scalar(entry, at: path, .variable) { broker.password = .variable(name) }
            reader.note(path, broker.passwordVariableName)
        }

        private var passwordFileText: String? {
            switch password {
            case .file(let path): path
            case .credential(let name): "credential:\(name)"
            default: nil
            }
        }

        /// The variable that `password_env` names.
        var passwordVariableName: String? {
            if case .variable(let name) = password { name } else { nil }
        }
    }

    /// How a connection is encrypted. Keys `tls.…` of a broker; `tls: {}` takes all defaults.
    package struct TLS: Sendable, Equatable {
        /// Certificates that may have signed the broker's, PEM. Key `tls.ca_file`. Default: the system's.
        package var caFile: String?
        /// Our own certificate, PEM. Key `tls.certificate_file`.
        package var certificateFile: String?
        /// Its private key, PEM, without a passphrase. Key `tls.key_file`.
        package var keyFile: String?
        /// The oldest version that is accepted. Key `tls.min_version`.
        package var minimum = TLSConfiguration.Version.v12
        /// Whether the broker's certificate may be made out to another name than `host`. Key `tls.insecure`.
        package var isInsecure = false
        /// Must be true beside `insecure`, so that nobody copies that by mistake. Key `tls.allow_insecure`.
        package var allowsInsecure = false

        static let keys: [Key<Self>] = [
            .optionalPath("ca_file", \.caFile, existing: .file),
            .optionalPath("certificate_file", \.certificateFile, existing: .file),
            .optionalPath("key_file", \.keyFile, existing: .file),
            .scalar("min_version", \.minimum, .word(TLSConfiguration.Version.allCases) { $0.rawValue }),
            .scalar("insecure", \.isInsecure, .flag),
            .scalar("allow_insecure", \.allowsInsecure, .flag),
        ]
    }
}

extension SparkplugSettings {
    /// Keys `sparkplug.…` of a broker; `sparkplug: {}` takes all defaults.
    static let keys: [Key<Self>] = [
        .scalar("host", \.host, .sparkplugHost),
        .scalar("reorder_timeout", \.reorderTimeout, .duration(.zero ... .seconds(300))),
        .scalar("rebirth_interval", \.rebirthInterval, .duration(.seconds(1) ... .seconds(3600))),
    ]
}

extension Syntax where Value == String {
    fileprivate static let sparkplugHost = Syntax(
        expected: "a host's id: one level of a topic, without / + and #",
        parse: { SparkplugCommand.problem(withHost: $0) == nil ? $0 : nil }, show: { $0 })
}
