internal import Detection
internal import Foundation
internal import IssueStorage
internal import Pipeline
internal import Readings

extension Configuration {
    /// What the pipeline needs of it, with the registry and the zone tables read from their files.
    ///
    /// - Parameter registry: sensors known in another way than by `sensors.file`.
    /// - Throws: `RegistryError` or `ZoneFileError`.
    func pipelineConfiguration(
        registry: [Sensor] = [], environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> PipelineConfiguration {
        var settings = PipelineConfiguration()
        settings.admission =
            switch sensors.mode {
            case .adopt: .adopt
            case .allowList: .allowList
            }
        settings.sensorLimit = sensors.max
        settings.registry = try registry + (sensors.file.map(Registry.load) ?? [])
        settings.dedupHorizonMs = time.dedupHorizon.milliseconds
        settings.clockAheadLimitMs = time.clockAheadMax.milliseconds
        settings.zone = try ZoneFiles.load(time.zone ?? SystemZones.current(environment: environment))
        settings.sensorZones = try ZoneFiles.load(all: settings.registry.compactMap(\.timeZone))
        settings.detection = detection
        settings.policies = rules
        return settings
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
