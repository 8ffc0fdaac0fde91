extension WardMap {
    /// Reads a GeoJSON feature collection (RFC 7946) of polygons and multipolygons, each with `properties.name` and
    /// perhaps `properties.code`. A member `attribution` of the collection is kept.
    ///
    /// - Throws: the first feature that is not such, by its number from 1.
    public init(geoJSON text: borrowing Span<UInt8>) throws(GeoJSONError) {
        guard let root = JSONTree(text) else { throw GeoJSONError("must be JSON, nested at most 16 deep") }
        guard root["type"]?.string == "FeatureCollection", let features = root["features"]?.elements else {
            throw GeoJSONError("must be a FeatureCollection with features")
        }
        var wards: [Ward] = []
        for (index, feature) in features.enumerated() {
            do throws(GeoJSONError) {
                wards.append(try Ward(feature))
            } catch {
                throw GeoJSONError("feature \(index + 1): \(error.problem)")
            }
        }
        self.init(wards: wards, attribution: root["attribution"]?.string)
    }

    /// What is wrong with a file of outlines.
    public struct GeoJSONError: Error, Equatable, CustomStringConvertible {
        public var problem: String

        init(_ problem: String) { self.problem = problem }

        public var description: String { problem }
    }
}

extension WardMap.Ward {
    fileprivate init(_ feature: JSONTree) throws(WardMap.GeoJSONError) {
        guard let name = feature["properties"]?["name"]?.string, !name.isEmpty else {
            throw .init("must have properties.name")
        }
        guard let geometry = feature["geometry"], let coordinates = geometry["coordinates"]?.elements else {
            throw .init("must have geometry.coordinates")
        }
        var polygons: [WardMap.Polygon] = []
        switch geometry["type"]?.string {
        case "Polygon": polygons.append(try WardMap.Polygon(coordinates))
        case "MultiPolygon":
            for polygon in coordinates { polygons.append(try WardMap.Polygon(polygon.elements ?? [])) }
        default: throw .init("must be a Polygon or MultiPolygon")
        }
        guard let bounds = WardMap.Bounds(polygons.flatMap(\.outline)) else { throw .init("must have an outline") }
        self.init(name: name, code: feature["properties"]?["code"]?.string, polygons: polygons, bounds: bounds)
    }
}

extension WardMap.Polygon {
    /// The first ring is the outline, the others are holes.
    fileprivate init(_ rings: [JSONTree]) throws(WardMap.GeoJSONError) {
        var read: [[Sensor.Position]] = []
        for ring in rings { read.append(try Self.ring(ring)) }
        guard let outline = read.first else { throw .init("must have an outline") }
        self.init(outline: outline, holes: Array(read.dropFirst()))
    }

    private static func ring(_ ring: JSONTree) throws(WardMap.GeoJSONError) -> [Sensor.Position] {
        var positions: [Sensor.Position] = []
        for element in ring.elements ?? [] {
            guard let pair = element.elements, pair.count >= 2, let longitude = pair[0].number,
                let latitude = pair[1].number, longitude.magnitude <= 180, latitude.magnitude <= 90
            else { throw .init("must have positions of longitude and latitude in degrees") }
            positions.append(.init(latitude: latitude, longitude: longitude))
        }
        guard positions.count >= 4, positions.first == positions.last else {
            throw .init("must have closed rings of at least four positions")
        }
        return positions
    }
}
