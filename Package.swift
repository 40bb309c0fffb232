// swift-tools-version: 6.2
import PackageDescription

/// Every target of Hearth is held to the same rules; dependencies keep their own.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "hearth",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "hearth", targets: ["hearth"]),
        .executable(name: "hearth-thumbnail", targets: ["hearth-thumbnail"]),
        // For Benchmarks alone; nothing outside of this repository is promised anything.
        .library(
            name: "HearthParts",
            targets: [
                "MatrixModel", "RoomRules", "PresenceCore", "SubscriptionCore", "HearthRuntime", "HearthSettings", "HearthStore",
                "HearthServices", "HearthMedia", "ClientAPI",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .target(name: "MatrixModel", swiftSettings: strict),
        .target(
            name: "RoomRules",
            dependencies: ["MatrixModel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "PresenceCore", dependencies: ["MatrixModel"], swiftSettings: strict),
        .target(
            name: "SubscriptionCore",
            dependencies: [
                "MatrixModel", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(name: "MediaCore", swiftSettings: strict),
        .target(name: "CConfinement"),
        .systemLibrary(name: "CGD", providers: [.apt(["libgd-dev"]), .brew(["gd"])]),
        .executableTarget(name: "hearth-thumbnail", dependencies: ["CConfinement", "CGD", "MediaCore"], swiftSettings: strict),
        .target(
            name: "PushCore",
            dependencies: ["MatrixModel", .product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: strict),
        .target(
            name: "HearthStore",
            dependencies: [
                "MatrixModel", "RoomRules", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "HearthSettings",
            dependencies: ["MatrixModel", "RoomRules", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "HearthRuntime",
            dependencies: [
                "HearthSettings", "HearthStore", "MatrixModel", "PresenceCore",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "HearthServices",
            dependencies: [
                "MatrixModel", "RoomRules", "PresenceCore", "PushCore", "SubscriptionCore", "HearthRuntime",
                "HearthSettings", "HearthStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        .target(
            name: "HearthMedia",
            dependencies: [
                "HearthRuntime", "HearthServices", "HearthSettings", "HearthStore", "MatrixModel", "MediaCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "ClientAPI",
            dependencies: [
                "MatrixModel", "MediaCore", "PresenceCore", "PushCore", "SubscriptionCore", "RoomRules", "HearthMedia",
                "HearthRuntime", "HearthServices", "HearthSettings", "HearthStore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "HearthClient",
            dependencies: [
                "MatrixModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "Board",
            dependencies: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            resources: [.embedInCode("Assets")],
            swiftSettings: strict),
        .target(
            name: "AdminAPI",
            dependencies: [
                "ClientAPI", "HearthRuntime", "HearthServices", "HearthStore", "MatrixModel", "PresenceCore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "PushGateway",
            dependencies: [
                "HearthRuntime", "HearthServices", "HearthSettings",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(
            name: "PrometheusText",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: strict),
        .target(
            name: "Homeserver",
            dependencies: [
                "AdminAPI", "Board", "ClientAPI", "HearthMedia", "HearthRuntime", "HearthServices", "HearthSettings",
                "HearthStore", "MatrixModel", "PresenceCore", "PrometheusText", "PushGateway", "SubscriptionCore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "hearth",
            dependencies: [
                "ClientAPI", "HearthClient", "HearthMedia", "HearthRuntime", "HearthServices", "HearthSettings", "HearthStore",
                "Homeserver", "MatrixModel", "RoomRules",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(
            name: "HearthTestKit",
            dependencies: [
                "MatrixModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .target(name: "TestSupport", dependencies: ["HearthRuntime", "MatrixModel"], swiftSettings: strict),
        .testTarget(
            name: "AccountTests",
            dependencies: [
                "HearthRuntime", "HearthServices", "HearthSettings", "HearthStore", "MatrixModel", "RoomRules",
                "SubscriptionCore", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BoardTests",
            dependencies: [
                "Board",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ClientAPITests",
            dependencies: [
                "AdminAPI", "ClientAPI", "HearthMedia", "HearthRuntime", "HearthServices", "HearthSettings", "HearthStore",
                "Homeserver", "MatrixModel", "PresenceCore", "SubscriptionCore", "TestSupport",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandLineTests",
            dependencies: ["hearth", "HearthClient", "MatrixModel", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .testTarget(name: "HearthClientTests", dependencies: ["HearthClient", "MatrixModel"], swiftSettings: strict),
        .testTarget(name: "MediaCoreTests", dependencies: ["MediaCore"], swiftSettings: strict),
        .testTarget(name: "MatrixModelTests", dependencies: ["MatrixModel"], exclude: ["Corpus"], swiftSettings: strict),
        .testTarget(name: "PresenceCoreTests", dependencies: ["PresenceCore", "MatrixModel"], swiftSettings: strict),
        .testTarget(name: "PushCoreTests", dependencies: ["PushCore", "MatrixModel"], swiftSettings: strict),
        .testTarget(
            name: "PrometheusTextTests",
            dependencies: ["PrometheusText", .product(name: "CoreMetrics", package: "swift-metrics")], swiftSettings: strict),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "HearthServices", "HearthSettings", "MatrixModel", "RoomRules", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RoomRulesTests", dependencies: ["RoomRules", "MatrixModel"], exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "HearthMedia", "HearthRuntime", "HearthServices", "HearthSettings", "HearthStore", "MatrixModel", "MediaCore",
                "PresenceCore", "PushCore", "PushGateway", "RoomRules", "SubscriptionCore", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "StoryTests",
            dependencies: [
                "HearthTestKit", "MatrixModel", "MediaCore", "RoomRules", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SubscriptionCoreTests", dependencies: ["SubscriptionCore", "MatrixModel"], swiftSettings: strict),
        .testTarget(
            name: "HearthStoreTests",
            dependencies: [
                "HearthStore", "MatrixModel", "RoomRules", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WriterTests",
            dependencies: [
                "HearthRuntime", "HearthServices", "HearthStore", "MatrixModel", "RoomRules", "SubscriptionCore",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
    ]
)
