// swift-tools-version: 6.2
import PackageDescription

// One list for every Swift target: data races, unsafe code, leaking imports and any warning stop the build.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A target under `Sources/`, built with the one settings list.
func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A test target under `Tests/`, which may use the shared helpers.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "sluice",
    products: [.executable(name: "sluice", targets: ["Daemon"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        // Targets stand in the order in which a reading meets them; each imports only what stands above it.
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .target(
            name: "CSIMDJSON",
            // Without NDEBUG simdjson's own assertions cost half as much again.
            cxxSettings: [.define("NDEBUG")],
            linkerSettings: [.linkedLibrary("simdjson")]),  // Debian: libsimdjson-dev
        .target(name: "CPlatform"),
        target("Telemetry", [logging, metrics, histogram]),
        target("Readings", ["CSIMDJSON"]),
        target("SPSCRing", ["CPlatform"]),
        target("MQTTSession", ["CMosquitto", "Telemetry", logging, metrics]),
        target("MQTTIngest", ["MQTTSession", "Readings", "SPSCRing", "Telemetry", crypto, logging, metrics]),
        target("Detection", ["Readings"]),
        target("Open311"),
        target("Incidents", ["Detection", "Open311", "Readings"]),
        target("Pipeline", ["Detection", "Incidents", "Readings", "SPSCRing", "Telemetry", metrics]),
        target("IssueStorage", ["Incidents", "Open311", "Readings", "SPSCRing", "Telemetry", grdb, logging, metrics]),
        target("Simulation", ["Readings", subprocess]),
        target("Dashboard"),
        target("HTTPAPI", ["Dashboard", "IssueStorage", "Open311", "Telemetry", hummingbird, logging, metrics]),
        .executableTarget(
            name: "Daemon",
            dependencies: [
                "Dashboard", "Detection", "HTTPAPI", "Incidents", "IssueStorage", "MQTTIngest", "MQTTSession",
                "Open311", "Pipeline", "Readings", "SPSCRing", "Simulation", "Telemetry",
                argumentParser, lifecycle, logging, metrics, subprocess, yams,
            ],
            swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
