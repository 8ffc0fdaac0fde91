internal import TimeBase

extension SparkplugHost.Settings {
    /// The part of a connection's settings that says when nodes are asked to begin anew.
    package init(_ settings: SparkplugSettings) {
        self.init()
        reorderTimeoutMs = settings.reorderTimeout.milliseconds
        rebirthIntervalMs = settings.rebirthInterval.milliseconds
    }
}
