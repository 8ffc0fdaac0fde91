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

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluice", targets: ["Daemon"]),
        // The plugin for mosquitto (deploy/broker/mosquitto-journal.conf). It alone needs Debian's mosquitto-dev.
        .library(name: "SluiceJournal", type: .dynamic, targets: ["SluiceJournal"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
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
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // Loaded by a broker that is not Swift: none of its runtime.
        .target(
            name: "SluiceJournal", linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-stdlib"])]),
        // Clocks and dates that all the others stand on.
        target("TimeBase"),
        target("Telemetry", ["TimeBase", logging, metrics, histogram]),
        target("Readings", ["CSIMDJSON", "TimeBase"]),
        target("SPSCRing", ["CPlatform", "TimeBase"]),
        target("BrokerJournal", ["Readings"]),
        target("MQTTSession", ["CMosquitto", "Telemetry", "TimeBase", logging, metrics]),
        target(
            "MQTTIngest",
            [
                "BrokerJournal", "MQTTSession", "Readings", "SPSCRing", "Telemetry", "TimeBase", crypto, logging,
                metrics,
            ]),
        target("Detection", ["Readings", "TimeBase"]),
        target("Open311", ["TimeBase"]),
        target("Incidents", ["Detection", "Open311", "Readings", "TimeBase"]),
        target("Pipeline", ["Detection", "Incidents", "Readings", "SPSCRing", "Telemetry", "TimeBase", metrics]),
        target(
            "Settings",
            [
                "Detection", "Incidents", "MQTTSession", "Open311", "Pipeline", "Readings", "Telemetry", logging,
                nioCore, yams,
            ]),
        target("Backtest", ["Detection", "Incidents", "Open311", "Pipeline", "Readings"]),
        target(
            "IssueStorage",
            [
                "CZlib", "Detection", "Incidents", "Open311", "Readings", "SPSCRing", "Telemetry", "TimeBase", crypto,
                grdb, grdbSQLite, logging, metrics,
            ]),
        target("EvidenceChart", ["CCairo", "Detection", "Readings", "TimeBase"]),
        target(
            "Forwarding",
            [
                "IssueStorage", "MQTTSession", "Open311", "SPSCRing", "TimeBase", asyncHTTPClient, crypto, lifecycle,
                logging, metrics, nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),
        target("Simulation", ["CZlib", "Readings", "TimeBase"]),
        // The page's files stand in the executable, so that it runs from anywhere.
        .target(name: "Dashboard", resources: [.embedInCode("Assets")], swiftSettings: strict),
        .target(
            name: "HTTPAPI",
            dependencies: [
                "Dashboard", "Detection", "EvidenceChart", "Incidents", "IssueStorage", "Open311", "Readings",
                "Telemetry", httpTypes, hummingbird, hummingbirdTLS, lifecycle, logging, metrics, nioCore, nioHTTP1,
                nioPosix, nioSSL,
            ], resources: [.embedInCode("Assets/openapi.yaml")], swiftSettings: strict),
        .executableTarget(
            name: "Daemon",
            dependencies: [
                "Backtest", "CPlatform", "Dashboard", "Detection", "Forwarding", "HTTPAPI", "Incidents", "IssueStorage",
                "MQTTIngest", "MQTTSession", "Open311", "Pipeline", "Readings", "SPSCRing", "Settings", "Simulation",
                "Telemetry", "TimeBase", argumentParser, asyncHTTPClient, lifecycle, logging, metrics, nioCore,
                nioHTTP1, nioPosix,
            ],
            swiftSettings: strict),

        // What Sluice is measured against, and the measuring (see README, "How fast it is").
        .target(
            name: "CReferences",
            cxxSettings: [.define("NDEBUG")],
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("mosquitto")]),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CPlatform", "CReferences", "Detection", "Incidents", "IssueStorage", "MQTTIngest", "Open311",
                "Pipeline", "Readings", "SPSCRing", "Simulation", "Telemetry", argumentParser, asyncHTTPClient, grdb,
                logging, metrics, nioCore, nioHTTP1,
            ],
            swiftSettings: strict),

        // Executables that check: built alone, with a sanitizer (see deploy/check).
        .executableTarget(
            name: "DecodeFuzz", dependencies: ["Open311", "Readings", "Settings", "Telemetry"],
            path: "Tests/DecodeFuzz",
            swiftSettings: strict),
        .executableTarget(
            name: "RingRace", dependencies: ["SPSCRing"], path: "Tests/RingRace", swiftSettings: strict),

        // Executables that prove what is promised (see deploy/check). CFaultDisk is SQLite's disk in memory, with faults.
        .target(name: "CFaultDisk", path: "Tests/CFaultDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "CoreSimulation",
            dependencies: [
                "CFaultDisk", "Detection", "Incidents", "IssueStorage", "MQTTIngest", "MQTTSession", "Open311",
                "Pipeline", "Readings", "SPSCRing", grdb, logging, metrics,
            ],
            path: "Tests/CoreSimulation", swiftSettings: strict),
        .executableTarget(
            name: "CrashTest",
            dependencies: [
                "FaultSupport", "MQTTSession", "Readings", "Simulation", "TestSupport", argumentParser, grdb, logging,
            ],
            path: "Tests/CrashTest", swiftSettings: strict),

        .target(
            name: "FaultSupport",
            dependencies: ["MQTTSession", "Readings", "Simulation", "TestSupport", grdb, logging],
            path: "Tests/FaultSupport", swiftSettings: strict),
        .target(
            name: "TestSupport",
            dependencies: [
                "MQTTSession", "Open311", "Readings", "Simulation", logging, nioCore, nioHTTP1, nioPosix,
            ], path: "Tests/TestSupport", swiftSettings: strict),
        tests("TelemetryTests", ["Telemetry", logging, metrics]),
        tests("ReadingsTests", ["CSIMDJSON", "Readings", "TimeBase"]),
        tests("SPSCRingTests", ["SPSCRing"]),
        tests("BrokerJournalTests", ["BrokerJournal", "MQTTSession", "Readings", "Simulation", logging]),
        tests("MQTTSessionTests", ["MQTTSession", "TimeBase", logging]),
        tests(
            "MQTTIngestTests",
            [
                "BrokerJournal", "MQTTIngest", "MQTTSession", "Readings", "Simulation", "SPSCRing", "Telemetry",
                "TimeBase", crypto, logging, metrics,
            ]),
        tests("DetectionTests", ["Detection", "Readings"]),
        tests("Open311Tests", ["Open311"]),
        tests("IncidentsTests", ["Detection", "Incidents", "Open311", "Readings"]),
        tests(
            "PipelineTests",
            ["Detection", "Incidents", "Open311", "Pipeline", "Readings", "SPSCRing", "Simulation", metrics]),
        tests(
            "SettingsTests",
            [
                "Detection", "Incidents", "MQTTSession", "Open311", "Pipeline", "Readings", "Settings", "Simulation",
                "Telemetry", logging,
            ]),
        tests("BacktestTests", ["Backtest", "Detection", "Incidents", "Pipeline", "Readings", "Simulation"]),
        tests(
            "IssueStorageTests",
            [
                "Detection", "Incidents", "IssueStorage", "Open311", "Readings", "Simulation", "SPSCRing", "Telemetry",
                grdb, logging, metrics,
            ]),
        tests("EvidenceChartTests", ["Detection", "EvidenceChart"]),
        tests(
            "ForwardingTests",
            [
                "Forwarding", "Incidents", "IssueStorage", "MQTTSession", "Open311", "SPSCRing", grdb, lifecycle,
                logging, metrics,
            ]),
        tests("SimulationTests", ["Open311", "Readings", "Simulation"]),
        tests(
            "HTTPAPITests",
            [
                "CZlib", "Dashboard", "HTTPAPI", "Incidents", "IssueStorage", "Open311", "Readings", "Telemetry", grdb,
                lifecycle,
                logging, metrics, nioCore, nioPosix, nioSSL,
            ]),
        tests(
            "DaemonTests",
            [
                "Daemon", "Detection", "Forwarding", "HTTPAPI", "Incidents", "IssueStorage", "MQTTSession", "Open311",
                "Readings", "Settings", "Simulation", "Telemetry", logging,
            ]),
        tests(
            "EndToEndTests",
            [
                "Daemon", "Detection", "HTTPAPI", "Incidents", "IssueStorage", "MQTTIngest", "MQTTSession", "Open311",
                "Pipeline", "Readings", "Simulation", "SPSCRing", "Telemetry", grdb, logging, metrics,
            ]),
        tests(
            "FaultTests", ["FaultSupport", "IssueStorage", "MQTTSession", "Readings", "Simulation", grdb, logging]),
    ],
    cxxLanguageStandard: .cxx17
)
