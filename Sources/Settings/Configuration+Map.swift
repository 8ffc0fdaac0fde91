internal import FoundationEssentials
package import Readings

// The files that the map is drawn from are read where the configuration is, so that a check finds what a start would.

/// Reads the GeoJSON files that keys of `http` name.
package enum MapFile {
    /// What is wrong with a file, to follow the key.
    package struct Unfit: Error {
        package let sentence: String
    }

    /// The wards' outlines, as they will be served and as they are understood.
    package static func outlines(_ path: String) throws(Unfit) -> (bytes: [UInt8], map: WardMap) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Unfit(sentence: "can't be read: \(path)")
        }
        let bytes = [UInt8](data)
        do throws(WardMap.GeoJSONError) {
            return (bytes, try WardMap(geoJSON: bytes.span))
        } catch {
            throw Unfit(sentence: "must be GeoJSON outlines of wards; \(path): \(error)")
        }
    }

    /// A layer as it will be served; what is no text is refused, what its objects mean is the map's to see.
    package static func layer(_ path: String) throws(Unfit) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path),
            data.first(where: { $0 > 0x20 }) == UInt8(ascii: "{")
        else { throw Unfit(sentence: "must be a GeoJSON file; \(path) is none") }
        return [UInt8](data)
    }
}

extension Configuration {
    /// Reads the map's files, and keeps the wards' names for ``warnOfWards(_:at:in:)``.
    func checkMap(in reader: inout ConfigurationReader) {
        if let tiles = http.tilesURL {
            let rest = ["https://", "http://"].first(where: tiles.hasPrefix).map { tiles.dropFirst($0.count) }
            if rest?.prefix(while: { $0 != "/" }).isEmpty ?? true || !["{z}", "{x}", "{y}"].allSatisfy(tiles.contains) {
                reader.report(
                    "http.tiles_url",
                    "must be an address with {z}, {x} and {y}, such as https://tiles.example.org/{z}/{x}/{y}.png, found "
                        + Misfit.shown(tiles))
            }
        }
        guard reader.files.looks else { return }
        if let path = http.wardsFile {
            do throws(MapFile.Unfit) {
                reader.wards = try MapFile.outlines(path).map.names
            } catch {
                reader.report("http.wards_file", error.sentence)
            }
        }
        for (index, layer) in http.layers.enumerated() {
            guard let path = layer.file else { continue }
            do throws(MapFile.Unfit) {
                _ = try MapFile.layer(path)
            } catch {
                reader.report("http.layers[\(index)].file", error.sentence)
            }
        }
    }

    /// Warns of wards that the map does not have. A registry may name others, so they are no mistake for certain.
    ///
    /// - Parameter path: of the group that has the key `wards`.
    func warnOfWards(_ wards: [String]?, at path: String, in reader: inout ConfigurationReader) {
        guard let wards, let known = reader.wards else { return }
        for ward in wards where !known.contains(ward) {
            let hint = NearestName.of(ward, among: known).map { "; did you mean \($0)?" } ?? ""
            reader.warn("\(path).wards", "\(Misfit.shown(ward)) is no ward of http.wards_file\(hint)")
        }
    }
}
