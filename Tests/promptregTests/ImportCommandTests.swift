import Foundation
import Prompts
import Testing

@testable import promptreg

@Suite struct ImportCommandTests {
    private let current = URL(filePath: FileManager.default.currentDirectoryPath).resolvingSymlinksInPath()
        .path

    @Test(arguments: [
        ("mlruns", "out", "file:../../mlruns"), ("out/mlruns", "out", "file:../mlruns"),
        ("out/jobs/~x", "out", "file:./~x"), ("out/jobs", "out", "file:./"), ("", "out", "file:../.."),
    ])
    func aFolderIsNamedByItsWayFromTheSpec(registry: String, folder: String, expected: String) throws {
        let path = registry.isEmpty ? current : "\(current)/\(registry)"
        let name = RegistryAddress.file(path: path).named(in: "\(current)/\(folder)/jobs")
        #expect(name == expected)
        // It is what the spec means by it.
        #expect(try RegistryAddress(name, relativeTo: "\(current)/\(folder)/jobs") == .file(path: path))
    }

    @Test func whatLiesElsewhereIsNamedWhole() {
        let registry = RegistryAddress.file(path: "/elsewhere/mlruns")
        #expect(registry.named(in: "\(current)/out/jobs") == "file:/elsewhere/mlruns")
        let here = RegistryAddress.file(path: "\(current)/mlruns")
        #expect(here.named(in: "/elsewhere/out/jobs") == "file:\(current)/mlruns")
        #expect(here.named(in: "\(current)-2/out/jobs") == "file:\(current)/mlruns")
    }

    @Test func otherAddressesStayAsTheyAre() {
        #expect(RegistryAddress.server(url: "HTTPS://h:1/p").named(in: "/x/jobs") == "https://h:1/p")
        #expect(RegistryAddress.unityCatalog(profile: "dev").named(in: "/x/jobs") == "databricks-uc://dev")
    }
}
