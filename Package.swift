// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A release carries Swift's libraries in itself: it starts in a third of the time, and runs where there are none.
/// Only the program is built so, since SwiftPM takes no library with such flags from another package.
let staticRuntime: [SwiftSetting] = [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]
let staticLinking: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-use-ld=lld", "-Xlinker", "--gc-sections"], .when(configuration: .release))
]

/// A module of the tool. The arrows between modules are the ones of the design; a test holds them.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The unit tests beside a module; `exclude` has folders of files that the tests read from the sources.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, exclude: exclude,
        swiftSettings: strict)
}

let package = Package(
    name: "promptreg",
    products: [
        .executable(name: "promptreg", targets: ["promptreg"]),
        .library(name: "PromptClient", targets: ["PromptClient"]),
    ],
    dependencies: [],
    targets: [
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CCurl"),
        module("Support", ["CLinux"]),
        module("Diagnostics", ["Support"]),
        module("YAML", ["CYAML", "Diagnostics", "Support"]),
        module("Templates", ["Diagnostics", "Support"]),
        module("Prompts", ["Diagnostics", "Support", "Templates"]),
        module("Jobs", ["CLinux", "Diagnostics", "Prompts", "Support", "Templates", "YAML"]),
        module("Planning", ["Jobs", "Prompts", "Support"]),
        module("Execution", ["Jobs", "Planning", "Prompts", "Support"]),
        module("Views", ["Diagnostics", "Jobs", "Planning", "Prompts", "Support"]),
        module("FileRegistry", ["CLinux", "Prompts", "Support", "YAML"]),
        module("HTTP", ["CCurl", "Support"]),
        module("MLflowServer", ["HTTP", "Prompts", "Support"]),
        module("UnityCatalog", ["HTTP", "Prompts", "Support"]),
        module("ChatModels", ["HTTP", "Support"]),
        module("Tracing", ["FileRegistry", "HTTP", "MLflowServer", "Prompts", "Support"]),
        module(
            "PromptClient",
            [
                "Diagnostics", "FileRegistry", "HTTP", "MLflowServer", "Prompts", "Support", "Templates",
                "Tracing", "UnityCatalog",
            ]),
        module("Health", ["FileRegistry", "HTTP", "MLflowServer", "Prompts", "Support", "UnityCatalog"]),
        module("Evidence", ["Jobs", "Planning", "Prompts", "Support", "Tracing"]),
        module(
            "Reporting",
            [
                "Diagnostics", "Evidence", "Execution", "Health", "Jobs", "Planning", "Prompts", "Support",
                "Tracing", "Views",
            ]),
        module("ArgumentParsing"),
        .executableTarget(
            name: "promptreg",
            dependencies: [
                "ArgumentParsing", "ChatModels", "CLinux", "Diagnostics", "Evidence", "Execution",
                "FileRegistry", "Health", "HTTP", "Jobs", "MLflowServer", "Planning", "PromptClient",
                "Prompts",
                "Reporting", "Support", "Templates", "Tracing", "UnityCatalog", "Views", "YAML",
            ],
            swiftSettings: strict + staticRuntime,
            linkerSettings: staticLinking),
        .executableTarget(
            name: "HealthMonitor", dependencies: ["PromptClient"], swiftSettings: strict),
        tests("Support"),
        tests("Diagnostics", ["Support"]),
        tests("YAML", ["Diagnostics", "Support"]),
        tests("Templates", ["Diagnostics", "Prompts"]),
        tests("Prompts", ["Diagnostics", "RegistryFixtures", "Support", "Templates"]),
        tests("Jobs", ["Diagnostics", "Prompts", "Support", "Templates", "YAML"]),
        tests("Planning", ["RegistryFixtures", "Jobs", "Prompts", "Support"]),
        tests("Execution", ["RegistryFixtures", "Jobs", "Planning", "Prompts", "Support"]),
        tests(
            "Views",
            ["Diagnostics", "Execution", "RegistryFixtures", "Jobs", "Planning", "Prompts", "Support"]),
        tests("FileRegistry", ["Prompts", "Support"]),
        tests("HTTP", ["ServerFixtures", "Support"]),
        tests("MLflowServer", ["HTTP", "Prompts", "ServerFixtures"]),
        tests("ChatModels", ["HTTP", "ServerFixtures", "Support"]),
        tests("UnityCatalog", ["HTTP", "Prompts", "ServerFixtures"]),
        tests("Tracing", ["HTTP", "RegistryFixtures", "ServerFixtures", "Support"]),
        tests("Evidence", ["Diagnostics", "Jobs", "Planning", "Prompts", "Tracing"]),
        tests("HealthMonitor", ["PromptClient"]),
        tests("PromptClient", ["Prompts", "RegistryFixtures", "Support", "Tracing"]),
        tests(
            "Health",
            ["FileRegistry", "HTTP", "MLflowServer", "Prompts", "ServerFixtures", "UnityCatalog"]),
        tests(
            "Reporting",
            ["Diagnostics", "Execution", "Health", "Jobs", "Planning", "Prompts", "Support", "Views"],
            exclude: ["Snapshots"]),
        tests("ArgumentParsing"),
        tests("promptreg", ["ArgumentParsing", "Execution", "Health", "Jobs", "Planning", "Prompts"]),
        .target(
            name: "RegistryFixtures", dependencies: ["Execution", "Jobs", "Planning", "Prompts", "Support"],
            path: "Tests/RegistryFixtures", swiftSettings: strict),
        .target(
            name: "ServerFixtures", dependencies: ["HTTP"], path: "Tests/ServerFixtures",
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
