internal import Detection
internal import Foundation
internal import HTTPAPI
internal import Incidents
internal import IssueStorage
internal import Logging
internal import Open311
internal import Pipeline
internal import Readings
internal import Settings
internal import Telemetry
internal import TimeBase

/// What stands between the store and people: who may write, what may be told, and the commands of this machine.
struct CivicParts: Sendable {
    let disclosure: Disclosure
    let desk: Desk
    /// Reads quarantined messages again.
    let quarantine: QuarantineDesk
    /// What can be asked over the local socket. Other parts add theirs.
    var commands: LocalCommands
    /// Reads the keys from the store again.
    let reloadKeys: @Sendable () async throws -> Void

    /// Reads keys and secrets. Before the store is started.
    ///
    /// - Parameter wards: outlines, GeoJSON; empty: none.
    init(
        _ configuration: Configuration, core: Core, live: LiveValue<Live>, wards: [UInt8], clock: WallClock,
        logger: Logger
    ) async throws {
        let catalog = configuration.serviceCatalog
        let pseudonyms = Pseudonyms(secret: try await Self.secret(of: core.store, logger))
        disclosure = Disclosure(catalog: catalog) { pseudonyms($0) }
        let (keyring, reader) = (Keyring(), core.reader)
        try await Self.reload(keyring, from: reader)
        desk = Desk(
            writing: configuration.http.writing, store: core.store, reader: reader, mailbox: core.pipeline.mailbox,
            keyring: keyring, catalog: catalog, wards: wards.isEmpty ? nil : try? WardMap(geoJSON: wards.span),
            photos: PhotoShelf(
                directory: configuration.storage.directory, mostBytes: configuration.storage.photoBytes), clock: clock,
            logger: logger)
        quarantine = QuarantineDesk(
            reader: reader, store: core.store, mailbox: core.pipeline.mailbox, clock: clock,
            makeDecoder: {
                let now = live.value
                return MessageDecoder(routes: now.configuration.routeTable, mountings: now.mountings)
            })
        let reload = { @Sendable in try await Self.reload(keyring, from: reader) }
        reloadKeys = reload
        commands = .ofTheStore(core.store, reader, photos: desk.photos, clock: .system, keysChanged: reload)
        commands.addQuarantineRetry(quarantine, core.store)
        commands.addLooking(reader, directory: configuration.storage.directory) { live.value.configuration }
        if let key = configuration.http.publicKey, !keyring.isPublicKey(key) {
            logger.warning(
                "key.public_unknown",
                metadata: ["effect": "nobody can report from the page: http.public_key is no key that may report"])
        }
    }

    private static func reload(_ keyring: Keyring, from reader: IssueReader) async throws {
        keyring.replace(try await reader.keys().map { ($0.key, $0.hash) })
    }

    /// How the public sees requests.
    var view: PublicView { PublicView(disclosure) }

    /// The desk's and the socket's own work.
    ///
    /// - Parameters:
    ///   - log: what can be followed over the socket.
    ///   - board: what `sluice top` shows.
    ///   - onSocketOpen: called once, when the socket takes commands or has been given up.
    func services(
        _ configuration: Configuration, log: any LogSource, board: OperationsBoard, logger: Logger,
        onSocketOpen: @escaping @Sendable () -> Void
    ) -> (keeper: DeskKeeper, photos: PhotoKeeper, socket: LocalServer) {
        var commands = commands
        commands.addLog(log)
        commands.addTop(board)
        let socket = LocalSocket(
            directory: configuration.storage.directory, configured: configuration.operations.socket,
            environment: ProcessInfo.processInfo.environment)
        return (
            DeskKeeper(desk: desk, eraseReporters: configuration.privacy.eraseReporters, logger: logger),
            PhotoKeeper(
                photos: desk.photos, reader: desk.reader, keptMs: configuration.privacy.keepPhotos.milliseconds,
                logger: logger),
            LocalServer(socket: socket, commands: commands, logger: logger, onOpen: onSocketOpen)
        )
    }

    /// A decision as the live stream may tell it; nil if it may not.
    static func live(_ decision: Decision, _ disclosure: Disclosure) -> LiveDecision? {
        // What is decided of a sensor alone belongs to no service: its name may be any service's.
        let service = decision.rule?.service ?? disclosure.catalog.mostSecretive
        guard let service else { return LiveDecision(decision) }
        let rule = decision.rule?.name
        guard let sensorID = disclosure.sensorID(decision.sensorID, of: service, rule: rule),
            let reason = disclosure.sentence(decision.reason, about: decision.sensorID, of: service, rule: rule)
        else { return nil }
        var live = LiveDecision(decision)
        (live.sensorID, live.reason) = (sensorID, reason)
        return live
    }

    private static func secret(of store: IssueStore, _ logger: Logger) async throws -> [UInt8] {
        do {
            return try await offPool("sluice-secret") {
                try store.performNow { db in try SecretTable.bytes(db, SecretTable.pseudonyms) }
            }
        } catch {
            // A first start on a full disk. Sensors then get other names at the next.
            logger.warning(
                "pseudonyms.not_kept", metadata: ["reason": "\(error)", "effect": "they change with the next start"])
            return SecretTable.made()
        }
    }
}
