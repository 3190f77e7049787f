import Foundation
import Prompts
import Testing

@testable import FileRegistry

/// A registry in a folder of its own, removed with all that is in it when the test is done with it.
final class TemporaryRegistry: Sendable {
    let folder: String
    let root: String

    init() throws {
        var template = Array(
            (FileManager.default.temporaryDirectory.path + "/promptreg-test-XXXXXX").utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        root = folder + "/mlruns"
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A registry with prompts.
    convenience init(models: [String]) async throws {
        try self.init()
        let registry = FileRegistry(path: root)
        try await registry.beginRun(onWait: {})
        let version = VersionDraft(content: PromptContent(kind: .text, template: "x"))
        for name in models {
            _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: version)
        }
        try await registry.endRun()
    }

    /// The path of a file in the registry.
    func path(_ relative: String) -> String { root + "/" + relative }

    func write(_ text: String, to relative: String) throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(relative)))
    }

    func makeFolder(_ relative: String) throws {
        try FileManager.default.createDirectory(atPath: path(relative), withIntermediateDirectories: true)
    }

    func remove(_ relative: String) throws { try FileManager.default.removeItem(atPath: path(relative)) }

    /// The paths of all that is in the folder that the registry's folder is in, sorted.
    func tree() -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).sorted()
    }
}
