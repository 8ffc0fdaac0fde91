extension RecordedSeries {
    /// The recordings that the repository carries under `fixtures/recorded`; see the README there.
    ///
    /// - Throws: ``GzipError`` or ``RecordingError``.
    public static func shipped(inFolder folder: String) throws -> [RecordedSeries] {
        let pems = try GzipReader.contents(ofFile: "\(folder)/pems-workdays.csv.gz")
        let nab = try GzipReader.contents(ofFile: "\(folder)/nab-6005.csv.gz")
        return [
            // California in winter: eight hours behind UTC throughout.
            try RecordedSeries(
                name: "pems-1", source: "a Caltrans PeMS lane count of 2016, workdays", stations: 3, csv: pems,
                utcOffsetS: -8 * 3600, longestGapMinutes: 15),
            // Written without a zone; taken for the local clock of the Twin Cities, where it was measured.
            try RecordedSeries(
                name: "nab-6005", source: "Numenta Anomaly Benchmark realTraffic 6005, 2015", csv: nab, utcOffsetS: 0,
                longestGapMinutes: 180),
        ]
    }
}
