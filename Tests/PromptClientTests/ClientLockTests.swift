import FoundationEssentials
import Prompts
import RegistryFixtures
import Testing

@testable import PromptClient

@Suite struct ClientLockTests {
    private let registry = InMemoryRegistry()
    private let name = "c.s.prompt_a"

    /// A client whose lock file names version 1 of two, and `production` the other.
    private func client(hash: String? = nil) throws -> PromptClient {
        registry.add(ObservedPrompt(name: name))
        let contents = ["one", "two"].map { PromptContent(kind: .text, template: $0) }
        for content in contents { registry.register(VersionDraft(content: content), of: name) }
        registry.place("production", of: name, at: 2)
        let path = FileManager.default.temporaryDirectory.path + "/lock-\(UInt64.random(in: 0 ... .max)).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = """
            {"schema_version": 1, "job": "j", "registry": "file:x", "prompts": [{"name": "a", "full_name": "\(name)",
            "uri": "prompts:/\(name)/1", "version": 1, "content_hash": "\(hash ?? contents[0].hash)"}]}
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        return PromptClient(
            registry, PromptClientConfiguration(environment: [:]), lock: try ClientLock(contentsOf: path))
    }

    @Test func theLockedVersionIsLoadedWhereverAliasesPoint() async throws {
        let client = try client()
        for uri in ["a", "a@production", "prompts:/\(name)@latest", "\(name)/1"] {
            #expect(try await client.load(uri).version == 1)
        }
        #expect(try await client.load("\(name)/2").version == 2)
        await #expect(throws: PromptClientError.self) { try await client.load("b@production") }
    }

    @Test func anotherTextThanTheLockedOneIsNotUsed() async throws {
        let client = try client(hash: PromptContent(kind: .text, template: "three").hash)
        await #expect(throws: PromptClientError.self) { try await client.load("a") }
        #expect(await client.load("a", fallback: "own").isFallback)
    }

    @Test(arguments: ["", "{}", #"{"schema_version": 2}"#, #"{"schema_version": 1, "job": "j"}"#])
    func aFileThatIsNoLockFileIsRefusedAtOnce(text: String) throws {
        let path = FileManager.default.temporaryDirectory.path + "/lock-\(UInt64.random(in: 0 ... .max)).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(filePath: path))
        let configuration = PromptClientConfiguration(environment: ["PROMPTREG_LOCK": path])
        #expect(throws: PromptClientError.self) { try PromptClient(configuration) }
    }
}
