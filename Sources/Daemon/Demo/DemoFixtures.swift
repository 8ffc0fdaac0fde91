internal import Foundation
internal import Readings
internal import Simulation

/// The files that the demo's city is made of: ward outlines and recorded traffic.
struct DemoFixtures {
    static let wardsFile = "birmingham-wards.geojson"

    let wardsGeoJSON: [UInt8]
    let wards: WardMap
    let recorded: [RecordedSeries]

    /// - Parameter folder: where they are; nil: beside the program's checkout, or where Debian's package puts them.
    init(folder: String?) throws {
        let candidates = folder.map { [$0] } ?? Self.usualFolders
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: "\($0)/\(Self.wardsFile)") })
        else {
            throw Failure(
                "\(Self.wardsFile) is not in \(candidates.joined(separator: ", nor in ")); name the folder with --fixtures",
                .noInput)
        }
        let path = "\(found)/\(Self.wardsFile)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("\(path) can't be read", .noInput)
        }
        let outlines = [UInt8](data)
        wards = try WardMap(geoJSON: outlines.span)
        wardsGeoJSON = outlines
        recorded = try RecordedSeries.shipped(inFolder: "\(found)/recorded")
    }

    /// The working folder's, those of the folders above the program, and the installed ones.
    private static var usualFolders: [String] {
        var folders = ["fixtures"]
        var above = URL(filePath: Bundle.main.executablePath ?? "/").resolvingSymlinksInPath()
        while above.path != "/" {
            above.deleteLastPathComponent()
            folders.append(above.appending(path: "fixtures").path)
        }
        return folders.filter { $0 != "/fixtures" } + ["/usr/share/sluice"]
    }
}
