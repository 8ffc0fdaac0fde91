package import Open311

extension Configuration {
    /// Who else is told about requests. Keys `forwarding.…`.
    package struct Forwarding: Sendable, Equatable {
        /// Key `forwarding.destinations`.
        package var destinations: [ForwardingEntry] = []
        /// First and longest wait before a delivery is tried again. Keys `forwarding.retry_min`, `forwarding.retry_max`.
        package var retryMin = Duration.seconds(1)
        package var retryMax = Duration.seconds(300)
        /// What could not be delivered for so long is given up. Key `forwarding.give_up_after`.
        package var giveUpAfter = Duration.seconds(7 * 86_400)
        /// What was given up is kept for so long. Key `forwarding.keep_dead`.
        package var keepDead = Duration.seconds(30 * 86_400)

        static let keys: [Key<Self>] = [
            .list("destinations", \.destinations, ForwardingEntry.keys) { ForwardingEntry() },
            .scalar("retry_min", \.retryMin, .duration(.seconds(1) ... .seconds(3600))),
            .scalar("retry_max", \.retryMax, .duration(.seconds(1) ... .seconds(86_400))),
            .scalar("give_up_after", \.giveUpAfter, .duration(.seconds(3600) ... .seconds(365 * 86_400))),
            .scalar("keep_dead", \.keepDead, .duration(.seconds(3600) ... .seconds(3650 * 86_400))),
        ]
    }

    /// One destination. Keys `forwarding.destinations[n].…`.
    package struct ForwardingEntry: Sendable, Equatable {
        /// Stable: what is queued belongs to it. Key `name`.
        package var name = ""
        /// Key `kind`.
        package var kind = Kind.webhook
        /// Only these services; nil: all. Key `services`.
        package var services: [ServiceCode]?
        /// Only these wards; nil: all. Key `wards`.
        package var wards: [String]?
        /// Only requests at least so grave. Key `severity`.
        package var severity = 1
        /// Which changes. Key `changes`.
        package var changes = Changes.all
        /// Where a new destination starts. Key `from`.
        package var from = Start.now
        /// What is told of services that keep something from the public. Key `shows`.
        package var shows = Shown.public
        /// Of the web server, or of the other city's GeoReport server, without what stands behind its base. Key `url`.
        package var url: String?
        /// Whether `url` may be unencrypted though it leads to another machine. Key `allow_insecure`.
        package var allowsInsecure = false
        /// Certificates that may have signed the server's, PEM. Key `ca_file`. Default: the system's.
        package var caFile: String?
        /// For one delivery. Key `timeout`.
        package var timeout = Duration.seconds(10)
        /// Deliveries under way at once, of different requests. Key `concurrency`.
        package var concurrency = 4
        /// Signs webhooks. Keys `secret_file`, `secret_env`.
        package var secret: PasswordSource?
        /// The other city's key. Keys `api_key_file`, `api_key_env`.
        package var apiKey: PasswordSource?
        /// `jurisdiction_id`. Key `jurisdiction`.
        package var jurisdiction: String?
        /// What to do when nobody answered. Key `unanswered`.
        package var unanswered = Unanswered.search
        /// How long the other server may take to list what it got. Key `settle`.
        package var settle = Duration.seconds(60)
        /// Whether updates are posted there. Key `updates`.
        package var takesUpdates = true
        /// Their service codes for ours. Key `codes`.
        package var codes: [CodePair] = []
        /// For `mqtt`, and for stewards who are told over MQTT. Key `broker`.
        package var broker: Broker?
        /// The topics' beginning. Key `topic`.
        package var topic = "sluice/alerts"
        /// How long a closed request's state stays retained. Key `clear_after`.
        package var clearAfter = Duration.seconds(86_400)

        package enum Kind: String, Sendable, CaseIterable { case mqtt, webhook, georeport, stewards }
        package enum Unanswered: String, Sendable, CaseIterable { case idempotent, search, hold }
        package enum Changes: String, Sendable, CaseIterable { case all, status }
        package enum Start: String, Sendable, CaseIterable { case now, beginning }
        package enum Shown: String, Sendable, CaseIterable { case `public`, everything }

        /// One of our service codes, and theirs. One item of `codes`.
        package struct CodePair: Sendable, Equatable {
            /// Key `service`.
            package var service: ServiceCode?
            /// Key `code`.
            package var code: String?

            static let keys: [Key<Self>] = [
                .optional("service", \.service, .serviceCode),
                .optional("code", \.code, .text),
            ]
        }

        /// Of a broker's keys those that matter to who publishes.
        private static let brokerKeys = Broker.keys.filter {
            !["name", "receive_maximum", "journal", "sparkplug"].contains($0.name)
        }

        static let keys: [Key<Self>] = [
            .scalar("name", \.name, .name),
            .scalar("kind", \.kind, .word(Kind.allCases) { $0.rawValue }),
            .optional("services", \.services, .serviceCodes),
            .optional("wards", \.wards, .names),
            .scalar("severity", \.severity, .integer(1...4)),
            .scalar("changes", \.changes, .word(Changes.allCases) { $0.rawValue }),
            .scalar("from", \.from, .word(Start.allCases) { $0.rawValue }),
            .scalar("shows", \.shows, .word(Shown.allCases) { $0.rawValue }),
            .optional("url", \.url, .url),
            .scalar("allow_insecure", \.allowsInsecure, .flag),
            .optionalPath("ca_file", \.caFile, existing: .file),
            .scalar("timeout", \.timeout, .duration(.seconds(1) ... .seconds(300))),
            .scalar("concurrency", \.concurrency, .integer(1...64)),
            .refused("secret", SecretKeys.sentence("secret")),
            SecretKeys.file("secret_file", \.secret),
            SecretKeys.variable("secret_env", \.secret),
            .refused("api_key", SecretKeys.sentence("api_key")),
            SecretKeys.file("api_key_file", \.apiKey),
            SecretKeys.variable("api_key_env", \.apiKey),
            .optional("jurisdiction", \.jurisdiction, .text),
            .scalar("unanswered", \.unanswered, .word(Unanswered.allCases) { $0.rawValue }),
            .scalar("settle", \.settle, .duration(.seconds(0) ... .seconds(86_400))),
            .scalar("updates", \.takesUpdates, .flag),
            .list("codes", \.codes, CodePair.keys) { CodePair() },
            .optionalGroup("broker", \.broker, brokerKeys) {
                var broker = Broker()
                broker.clientID = "sluice-forwarding"
                return broker
            },
            .scalar("topic", \.topic, .topicPrefix),
            .scalar("clear_after", \.clearAfter, .duration(.seconds(0) ... .seconds(365 * 86_400))),
        ]
    }
}

extension Syntax where Value == [ServiceCode] {
    static let serviceCodes = Syntax(
        expected: "service codes with commas between them, such as water-leak, bin-full",
        parse: { text in
            let codes = Syntax<[String]>.names.parse(text)?.map { ServiceCode(rawValue: $0) }
            return codes.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
        },
        show: { $0.map(\.rawValue).joined(separator: ", ") })
}

extension Syntax where Value == String {
    static let topicPrefix = Syntax(
        expected: "a topic's beginning such as sluice/alerts, without + and # and without a slash at either end",
        parse: { text in
            let isPrefix =
                (1...200).contains(text.utf8.count) && !text.hasPrefix("/") && !text.hasSuffix("/")
                && !text.hasPrefix("$") && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x2B && $0 != 0x23 }
            return isPrefix ? text : nil
        },
        show: { $0 })
}
