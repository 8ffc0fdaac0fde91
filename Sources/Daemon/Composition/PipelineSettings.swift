internal import Detection
internal import Foundation
internal import IssueStorage
internal import Pipeline
internal import Readings
internal import Settings
internal import TimeBase

extension Configuration {
    /// What the pipeline needs of it, with the registry and the zone tables read from their files.
    ///
    /// - Parameters:
    ///   - registry: sensors known in another way than by `sensors.file`.
    ///   - imported: sensors that were imported: known unless one of the others names them.
    ///   - clocks: time zones that are needed beside the registry's.
    /// - Throws: `RegistryError` or `ZoneFileError`.
    func pipelineConfiguration(
        registry: [Sensor] = [], imported: [Sensor] = [], clocks: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> PipelineConfiguration {
        var settings = PipelineConfiguration()
        settings.takeRules(of: self)
        let known = try registry + (sensors.file.map(Registry.load) ?? [])
        let named = Set(known.map(\.id))
        settings.registry = known + imported.filter { !named.contains($0.id) }
        settings.zone = try ZoneFiles.load(time.zone ?? SystemZones.current(environment: environment))
        settings.sensorZones = try ZoneFiles.load(all: settings.registry.compactMap(\.timeZone) + clocks)
        return settings
    }

    /// How the registry's level sensors are mounted; checks what a start would read on the way.
    func mountings() throws -> Mountings { Mountings(try pipelineConfiguration().registry) }
}

extension PipelineConfiguration {
    /// Takes what decides, and nothing of what is known of the world.
    mutating func takeRules(of configuration: Configuration) {
        admission = configuration.sensors.mode
        adoption = configuration.sensors.adopt
        sensorLimit = configuration.sensors.max
        readingsPerSecond = configuration.sensors.rate
        readingBurst = configuration.sensors.burst
        dedupHorizonMs = configuration.time.dedupHorizon.milliseconds
        clockAheadLimitMs = configuration.time.clockAheadMax.milliseconds
        stateIntervalMs = configuration.storage.snapshotInterval.milliseconds
        detection = configuration.detection
        policies = configuration.rules
        overrides = configuration.overrides
        routing = configuration.routing
        catalog = configuration.serviceCatalog
    }
}
