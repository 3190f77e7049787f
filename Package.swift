// swift-tools-version: 6.2
import PackageDescription

/// A release carries Swift's libraries in itself: it starts in a third of the time, and runs where there are none.
let staticRuntime: [SwiftSetting] = [.unsafeFlags(["-static-stdlib"], .when(configuration: .release))]
let staticLinking: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-use-ld=lld", "-Xlinker", "--gc-sections"], .when(configuration: .release))
]

let strict: [SwiftSetting] =
    [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + staticRuntime

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
    products: [.executable(name: "promptreg", targets: ["promptreg"])],
    dependencies: [],
    targets: [
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CCurl"),
        module("Diagnostics"),
        module("YAMLDocument", ["CYAML", "Diagnostics"]),
        module("PromptTemplate", ["Diagnostics"]),
        module("JobSpec", ["YAMLDocument", "PromptTemplate", "Diagnostics"]),
        module("PromptRegistry"),
        module("FileRegistry", ["CLinux", "PromptRegistry", "YAMLDocument"]),
        module("RemoteRegistry", ["CCurl", "PromptRegistry"]),
        module("Registration", ["JobSpec", "PromptRegistry", "Diagnostics"]),
        module("Reporting", ["Registration", "JobSpec", "PromptRegistry", "Diagnostics"]),
        module("ArgumentParsing"),
        .executableTarget(
            name: "promptreg",
            dependencies: [
                "ArgumentParsing", "CLinux", "Diagnostics", "FileRegistry", "JobSpec", "PromptRegistry",
                "PromptTemplate", "Registration", "RemoteRegistry", "Reporting", "YAMLDocument",
            ],
            swiftSettings: strict,
            linkerSettings: staticLinking),
        tests("Diagnostics"),
        tests("YAMLDocument", ["Diagnostics"]),
        tests("PromptTemplate", ["Diagnostics"]),
        tests("JobSpec", ["Diagnostics", "PromptTemplate", "YAMLDocument"]),
        tests("PromptRegistry"),
        tests("FileRegistry", ["PromptRegistry"]),
        tests("RemoteRegistry", ["PromptRegistry"]),
        tests("Registration", ["JobSpec", "PromptRegistry"]),
        tests(
            "Reporting", ["Registration", "JobSpec", "PromptRegistry", "Diagnostics"],
            exclude: ["Snapshots"]),
        tests("ArgumentParsing"),
        tests("promptreg", ["ArgumentParsing", "JobSpec", "PromptRegistry", "Registration"]),
    ],
    swiftLanguageModes: [.v6]
)
