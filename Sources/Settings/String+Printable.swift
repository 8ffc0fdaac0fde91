extension String {
    /// With control characters made visible: what came from outside must not steer a terminal.
    package var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
    }
}
