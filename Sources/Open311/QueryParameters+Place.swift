extension QueryParameters {
    /// `lat`, `long` and `radius` in metres. Without a radius 750 m are meant, as SeeClickFix takes them.
    func circle() throws(GeoReportError) -> GeoCircle? {
        let latitude = try decimal("lat", in: -90...90)
        let longitude = try decimal("long", in: -180...180)
        let radius = try decimal("radius", in: 1...100_000)
        switch (latitude, longitude) {
        case (nil, nil):
            guard radius == nil else { throw GeoReportError(code: 400, "radius: comes with lat and long") }
            return nil
        case (let latitude?, let longitude?):
            return GeoCircle(latitude: latitude, longitude: longitude, radiusM: radius ?? 750)
        default: throw GeoReportError(code: 400, "lat, long: one comes with the other")
        }
    }

    /// `bbox`: west, south, east and north in degrees, longitude first as in GeoJSON. West of the 180th meridian to east of
    /// it is a box too.
    func box() throws(GeoReportError) -> GeoBox? {
        guard let text = first("bbox") else { return nil }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { PlainNumber.read($0) }
        guard parts.count == 4, let west = parts[0], let south = parts[1], let east = parts[2], let north = parts[3],
            [west, east].allSatisfy((-180...180).contains), -90 <= south, south <= north, north <= 90
        else {
            throw .badParameter(
                "bbox", "must be west,south,east,north in degrees, like -1.95,52.45,-1.85,52.52", found: text)
        }
        return GeoBox(west: west, south: south, east: east, north: north)
    }

    func decimal(_ name: String, in range: ClosedRange<Double>) throws(GeoReportError) -> Double? {
        guard let text = first(name) else { return nil }
        guard let number = PlainNumber.read(text), range.contains(number) else {
            throw .badParameter(
                name, "must be a number from \(range.lowerBound) to \(range.upperBound)", found: text)
        }
        return number
    }
}
