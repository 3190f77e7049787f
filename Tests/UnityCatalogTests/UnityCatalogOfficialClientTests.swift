import Foundation
import HTTP
import Prompts
import Testing

@testable import UnityCatalog

/// MLflow's own client reads what promptreg writes into Unity Catalog, and the reverse.
@Suite struct UnityCatalogOfficialClientTests {
    private static let text = "Hello {{name}} \u{1F600}\r\n\"\\"
    private static let chat = #"[{"role": "user", "content": "{{question}}"}]"#

    private static let script = """
        import json, mlflow, sys, threading
        client = mlflow.MlflowClient(registry_uri="databricks-uc")
        loaded = {}
        for uri in ("prompts:/main.agents.text@production", "prompts:/main.agents.chat/1"):
            prompt = client.load_prompt(uri)
            loaded[prompt.name] = [
                prompt.version, prompt.template, prompt.tags, prompt.commit_message, prompt.aliases,
                prompt.model_config, prompt.response_format,
            ]
        made = client.register_prompt(
            "main.agents.text", json.loads(sys.argv[1]), "Theirs", {"by": "them"}, {"type": "object"},
            {"temperature": 0.5})
        client.set_prompt_alias("main.agents.text", "staging", made.version)
        for thread in threading.enumerate():
            if thread.name.startswith("link_prompt"):
                thread.join()
        print(json.dumps(loaded))
        """

    @Test func understandsWhatIsWrittenAndIsUnderstood() async throws {
        let workspace = try await UnityCatalogStandIn()
        let registry = try workspace.registry()
        let text = PromptContent(kind: .text, template: Self.text)
        let chat = PromptContent(
            kind: .chat, template: Self.chat, modelConfig: #"{"temperature": 0.2}"#,
            responseFormat: #"{"type": "object"}"#)
        _ = try await registry.createPrompt(
            PromptDraft(name: "main.agents.text"),
            firstVersion: VersionDraft(content: text, description: "Ours", tags: ["by": "us"]))
        _ = try await registry.createPrompt(
            PromptDraft(name: "main.agents.chat"), firstVersion: VersionDraft(content: chat))
        try await registry.moveAlias("production", of: "main.agents.text", from: nil, to: 1)

        let output = try runMLflow(workspace.url)
        let loaded = try #require(try JSONSerialization.jsonObject(with: output) as? [String: [Any]])
        let ours = try #require(loaded["main.agents.text"])
        #expect(ours[0] as? Int == 1)
        #expect(ours[1] as? String == Self.text)
        #expect((ours[2] as? [String: String])?["by"] == "us")
        #expect(ours[3] as? String == "Ours")
        #expect(ours[4] as? [String] == ["production"])
        let messages = try #require(loaded["main.agents.chat"])
        #expect(messages[1] as? [[String: String]] == [["role": "user", "content": "{{question}}"]])
        #expect(messages[5] as? [String: Double] == ["temperature": 0.2])
        #expect(messages[6] as? [String: String] == ["type": "object"])

        let observed = try #require(try await registry.observe(["main.agents.text"])["main.agents.text"])
        #expect(observed.aliases == ["production": 1, "staging": 2])
        #expect(observed.newest?.description == "Theirs")
        #expect(observed.newest?.tags == ["by": "them"])
        #expect(
            observed.newest?.content
                == PromptContent(
                    kind: .text, template: "Good {{time}}\n\u{1F600}", modelConfig: #"{"temperature": 0.5}"#,
                    responseFormat: #"{"type": "object"}"#))
    }

    private func runMLflow(_ url: String) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        let output = Pipe()
        process.executableURL = repository.appendingPathComponent(".build/venv/bin/python")
        process.arguments = ["-c", Self.script, #""Good {{time}}\n\ud83d\ude00""#]
        process.currentDirectoryURL = folder
        process.environment = [
            "DATABRICKS_HOST": url, "DATABRICKS_TOKEN": "token", "HOME": folder.path, "PYTHONUTF8": "1",
            "MLFLOW_REGISTRY_URI": "databricks-uc",
            "MLFLOW_TRACKING_URI": "sqlite:///\(folder.path)/mlflow.db",
            "MLFLOW_DISABLE_TELEMETRY": "true", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return data
    }
}
