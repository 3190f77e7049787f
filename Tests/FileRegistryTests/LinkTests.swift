import Foundation
import Prompts
import Testing

@testable import FileRegistry

/// Links in a registry, which are never followed, and the registry's own folder, which may be one.
@Suite struct LinkTests {
    private let name = "m.s.prompt_old"

    /// A registry with something in it moved elsewhere and a link to there in its place.
    private func registry(linking path: String, dangling: Bool = false) throws -> (TemporaryRegistry, String)
    {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try registry.makeFolder(".promptreg.trash")
        try registry.write("old\n", to: ".promptreg.trash/prompts")
        try registry.write("", to: ".promptreg.lock")
        let elsewhere = registry.folder.path + "/elsewhere"
        let manager = FileManager.default
        try manager.moveItem(atPath: registry.path(path), toPath: elsewhere)
        if dangling { try manager.removeItem(atPath: elsewhere) }
        try manager.createSymbolicLink(atPath: registry.path(path), withDestinationPath: elsewhere)
        return (registry, elsewhere)
    }

    /// All that is below a path, with its content.
    private func content(_ path: String) -> [String: Data] {
        let manager = FileManager.default
        var content = ["": manager.contents(atPath: path) ?? Data()]
        for name in manager.enumerator(atPath: path)?.allObjects as? [String] ?? [] {
            content[name] = manager.contents(atPath: path + "/" + name) ?? Data()
        }
        return content
    }

    static let parts = [
        "", "/meta.yaml", "/tags", "/tags/mlflow.prompt.is_prompt", "/tags/_mlflow_experiment_ids",
        "/aliases",
        "/aliases/production", "/version-2", "/version-2/meta.yaml", "/version-2/tags",
        "/version-2/tags/mlflow.prompt.text", "/version-2/tags/k", "/version-2/tags/k/n",
    ]

    @Test(arguments: parts, [false, true])
    func linksInAPromptAreErrorsThatNameThem(part: String, walksFolders: Bool) async throws {
        let link = "models/\(name)\(part)"
        let (registry, elsewhere) = try registry(linking: link)
        let opened = FileRegistry(path: registry.root, fileSystem: FileSystem(walksFolders: walksFolders))
        let before = content(elsewhere)
        let failure = await error { _ = try await opened.observe([name]) }
        #expect(failure?.code == .corrupt)
        #expect(failure?.message.contains("'\(registry.path(link))' is a symbolic link") == true)
        try await write(opened)
        #expect(content(elsewhere) == before)
    }

    /// Writes to all parts of a prompt, whatever comes of it.
    private func write(_ registry: FileRegistry) async throws {
        try await registry.beginRun(onWait: {})
        let changes = MetadataChanges(
            description: "new", promptTags: ["_mlflow_experiment_ids": "1", "new/deep": "x", "gone": nil],
            version: 2,
            versionTags: ["k/n": "other", "k/m": "new", "gone/too": nil])
        _ = await error { try await registry.update(name, changes) }
        _ = await error { try await registry.moveAlias("production", of: name, from: nil, to: 2) }
        _ = await error { try await registry.moveAlias("new", of: name, from: nil, to: 2) }
        _ = await error { try await registry.moveAlias("production", of: name, from: nil, to: nil) }
        _ = await error { _ = try await registry.createVersion(of: name, .full("new")) }
        _ = await error { try await registry.deleteVersion(2, of: name) }
        _ = await error { try await registry.endRun() }
    }

    @Test func aLinkedPromptIsFoundSoThatItsReaderIsTold() async throws {
        for part in ["", "/tags"] {
            let (registry, _) = try registry(linking: "models/\(name)\(part)")
            #expect(try await registry.open().names(matching: PromptQuery()) == [name])
        }
    }

    @Test(
        arguments: ["models", ".promptreg.lock", ".promptreg.trash", ".promptreg.trash/prompts"],
        [false, true])
    func linksInTheRegistrysFolderStopARun(link: String, dangling: Bool) async throws {
        let (registry, elsewhere) = try registry(linking: link, dangling: dangling)
        let before = content(elsewhere)
        let failure = await error { try await registry.open().beginRun(onWait: {}) }
        #expect(failure?.message.contains("'\(registry.path(link))' is a symbolic link") == true)
        #expect(failure?.hint != nil)
        #expect(content(elsewhere) == before)
        #expect(FileManager.default.fileExists(atPath: elsewhere) == !dangling)
    }

    @Test func modelsThatAreALinkToEverythingAreNotRead() async throws {
        let registry = try TemporaryRegistry()
        try registry.makeFolder("")
        try FileManager.default.createSymbolicLink(
            atPath: registry.path("models"), withDestinationPath: "/")
        let opened = registry.open()
        for body in [
            { _ = try await opened.observe(["tmp"]) },
            { _ = try await opened.names(matching: PromptQuery()) },
            { try await opened.beginRun(onWait: {}) },
        ] as [() async throws -> Void] {
            #expect(await error(body)?.message.contains("/models' is a symbolic link") == true)
        }
        #expect(throws: RegistryError.self) { try FileRegistryInspection(path: registry.root) }
    }

    @Test func aPromptIsNotCreatedThroughALink() async throws {
        let (registry, elsewhere) = try registry(linking: "models/\(name)", dangling: true)
        try await registry.run { registry in
            let failure = await error {
                _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: .text("x"))
            }
            #expect(failure?.code == .conflict && failure?.hint?.contains("a symbolic link") == true)
        }
        #expect(!FileManager.default.fileExists(atPath: elsewhere))
    }

    @Test func theRegistrysOwnFolderMayBeALinkAndBehindLinks() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let (link, above) = (registry.folder.path + "/link", registry.folder.path + "/above")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: link, withDestinationPath: "mlruns")
        try manager.createSymbolicLink(atPath: above, withDestinationPath: ".")
        for path in [link, above + "/mlruns", above + "/link", above + "/new"] {
            let opened = FileRegistry(path: path)
            try await opened.beginRun(onWait: {})
            let created = "p\(path.count)"
            _ = try await opened.createPrompt(PromptDraft(name: created), firstVersion: .text("x"))
            try await opened.moveAlias("a", of: created, from: nil, to: 1)
            try await opened.endRun()
            #expect(try await opened.observe([created])[created]?.aliases == ["a": 1])
        }
        #expect(try await registry.observe(name)?.newest?.number == 2)
    }

    @Test func theSystemRefusesLinksByItselfHere() {
        // The other way is taken in a test above.
        #expect(!FileSystem.walksFolders)
    }
}
