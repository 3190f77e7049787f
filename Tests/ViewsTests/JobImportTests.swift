import Foundation
import Jobs
import Planning
import Prompts
import RegistryFixtures
import Testing

@testable import Views

@Suite final class JobImportTests {
    private let registry = InMemoryRegistry()
    private let folder = FileManager.default.temporaryDirectory.appending(
        path: "promptreg-import-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func add(
        _ name: String, _ versions: [PromptContent], promptTags: [String: String] = [:],
        versionTags: [String: String] = [:], description: String? = nil, aliases: [String: Int] = [:]
    ) async throws {
        let drafts = versions.map { VersionDraft(content: $0, tags: versionTags) }
        _ = try await registry.createPrompt(
            PromptDraft(name: name, description: description, tags: promptTags), firstVersion: drafts[0])
        for draft in drafts.dropFirst() { _ = try await registry.createVersion(of: name, draft) }
        for (alias, number) in aliases {
            try await registry.moveAlias(alias, of: name, from: nil, to: number)
        }
    }

    private func text(_ template: String) -> PromptContent { PromptContent(kind: .text, template: template) }

    /// Writes what the registry has of `c.s` into the folder.
    private func imported(alias: String? = nil, replacing: Bool = false) async throws -> JobImport {
        let query = PromptQuery(catalog: "c", schema: "s")
        let listing = try await PromptListing(.query(query), alias: alias, in: registry)
        var job = JobImport(listing, registry: "file:x", schema: .init(catalog: "c", name: "s"))
        let staged = try StagedFolder(for: folder.path)
        defer { staged.discard() }
        try job.write(to: staged, replacing: replacing) { false }
        return job
    }

    /// The plan of the job in the folder.
    private func plan() async throws -> Plan {
        let job = LoadedJob(path: spec, inputs: JobInputs())
        return try await registry.plan(try #require(job.state))
    }

    private var spec: String { folder.appending(path: "jobs/s.yaml").path }

    private var files: [String] {
        (FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String] ?? []).filter {
            $0.contains(".")
        }.sorted()
    }

    // MARK: Owners

    @Test func whatIsOfNoJobIsTheJobsWhereItAdoptsIt() async throws {
        try await add("c.s.mine", [text("x")], promptTags: [ProvenanceTag.job: "mine"])
        try await add("c.s.hand", [text("x")])
        try await add("c.s.old", [text("x"), text("y")], versionTags: [ProvenanceTag.job: "mine"])
        let job = try await imported()
        #expect(job.notOwned == [nil: ["hand"]] && job.remarks == [])
        var state = try #require(LoadedJob(path: spec, inputs: JobInputs()).state)
        #expect(state.job == "mine" && !state.prompts.contains(where: \.isAdopted))
        #expect(try await !registry.plan(state).hasChanges)
        for index in state.prompts.indices { state.prompts[index].isAdopted = true }
        try await registry.run(state)
        #expect(try await !registry.plan(state).hasChanges)
        var other = state
        other.job = "other"
        for index in other.prompts.indices { other.prompts[index].isAdopted = false }
        let problems = try await registry.plan(other).prompts.map(\.problem?.code)
        #expect(problems == [.otherJob, .otherJob, .otherJob])
    }

    @Test func whatSeveralJobsHaveIsNotTakenOverSilently() async throws {
        try await add("c.s.a", [text("x")], promptTags: [ProvenanceTag.job: "one"])
        try await add("c.s.b", [text("x")], promptTags: [ProvenanceTag.job: "s"])
        let job = try await imported()
        #expect(job.notOwned == ["one": ["a"]])
        #expect(job.remarks.count == 1 && job.remarks[0].hasPrefix("the job 'one' has a; the first run"))
        let state = try #require(LoadedJob(path: spec, inputs: JobInputs()).state)
        #expect(state.prompts.filter(\.isAdopted).map(\.name) == ["a"])
    }

    // MARK: One by one

    @Test func tagsThatBothSidesHaveAreTheJobs() async throws {
        try await add(
            "c.s.a", [text("x")],
            promptTags: [
                "same": "v", "differs": "a", "prompt": "p", "x/y": "v", "promptreg_job": "j",
                ReservedTag.experimentIDs: ",7,8,", "mlflow.x": "y",
            ],
            versionTags: [
                "same": "v", "differs": "b", "version": "v", "x/y": "v", "promptreg_commit": "c",
                "mlflow.x": "y",
            ])
        let job = try await imported()
        #expect(job.export.entries.map(\.prompt.tags) == [["same": "v"]])
        #expect(job.export.entries.map(\.prompt.experiments) == [["7", "8"]])
        #expect(
            job.prompts["c.s.a"]?.leftOutTags.map { "\($0.key) \($0.reason)" } == [
                "differs differs between the prompt and its version", "prompt is on the prompt alone",
                "version is on the version alone", "x/y has a key that a job cannot name",
            ])
        #expect(job.remarks.count == 4)
        #expect(try await !plan().hasChanges)
    }

    @Test func aTagThatPromptregSetAndSomebodyChangedIsToldToGo() async throws {
        try await add(
            "c.s.a", [text("x")], promptTags: ["team": "changed"],
            versionTags: ["team": "a", "promptreg_tags": "team"])
        let job = try await imported()
        #expect(job.remarks.first?.contains("the next run takes it away") == true)
        #expect(try await plan().prompts.map(\.differences) == [[.tags]])
    }

    @Test func anAliasTakesItsOwnVersion() async throws {
        try await add(
            "c.s.a", [text("one"), text("two")], aliases: ["production": 1, "old": 1, "staging": 2])
        try await add("c.s.b", [text("b")], aliases: ["production": 1])
        try await add("c.s.c", [text("c")], aliases: ["staging": 1])
        let job = try await imported(alias: "production")
        #expect(job.export.entries.map(\.name) == ["a", "b"])
        #expect(job.export.entries.map(\.prompt.aliases) == [["old", "production"], ["production"]])
        #expect(job.remarks.count == 2 && job.remarks[0].contains("the newest is 2"))
        #expect(job.remarks[1].contains("the alias 'staging' of 'a' is on version 2"))
        let plan = try await plan()
        #expect(plan.prompts.map(\.action) == [.update, .unchanged])
        #expect(plan.prompts[0].version.content == text("one"))
    }

    @Test func whatCannotBeSaidIsLeftOutAndTheRestIsWritten() async throws {
        try await add("c.s.good", [text("x\r\n")], description: "${x}")
        try await add("c.s.blank", [text("\n")])
        try await add("c.s.-dash", [text("x")])
        try await add(
            "c.s.config", [PromptContent(kind: .text, template: "x", modelConfig: #"{"top_p": 2}"#)])
        try await add("c.s.chat", [PromptContent(kind: .chat, template: "no list")])
        registry.add(ObservedPrompt(name: "c.s.none"))
        let job = try await imported()
        #expect(
            job.export.leftOut.map(\.fullName).sorted()
                == ["c.s.-dash", "c.s.blank", "c.s.chat", "c.s.config", "c.s.none"])
        #expect(files == ["jobs/s.yaml", "prompts/good.md"])
        #expect(try await plan().prompts.map(\.action) == [.unchanged])
    }

    @Test func nothingIsWrittenWhereNoPromptCanBeSaid() async throws {
        try await add("c.s.blank", [text("\n")])
        let job = try await imported()
        #expect(job.export.entries.isEmpty && job.export.leftOut.count == 1)
        #expect(files == [])
    }

    @Test func filesThatAreThereStayUnlessTheyMayBeReplaced() async throws {
        try await add("c.s.a", [text("one")])
        _ = try await imported()
        _ = try await registry.createVersion(of: "c.s.a", VersionDraft(content: text("two")))
        let error = await #expect(throws: JobImportError.self) { try await self.imported() }
        guard case .staging(let problem)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(problem.obstacles == ["prompts/a.md", "jobs/s.yaml"])
        #expect(try await plan().hasChanges)
        _ = try await imported(replacing: true)
        #expect(try await !plan().hasChanges)
        #expect(files == ["jobs/s.yaml", "prompts/a.md"])
    }

    @Test func whoIsStoppedWritesNothing() async throws {
        try await add("c.s.a", [text("one")])
        let listing = try await PromptListing(.query(PromptQuery(catalog: "c", schema: "s")), in: registry)
        var job = JobImport(listing, registry: "file:x", schema: .init(catalog: "c", name: "s"))
        let staged = try StagedFolder(for: folder.path)
        #expect(throws: JobImportError.stopped) { try job.write(to: staged, replacing: false) { true } }
        staged.discard()
        #expect(files == [])
    }

    // MARK: Many

    @Test(arguments: 0..<30)
    func thePlanOfAnImportedRegistryIsEmpty(seed: Int) async throws {
        var generator = AwkwardRegistry(seed: seed)
        var said = 0
        for name in generator.names() {
            let versions = (0..<Int.random(in: 1...3, using: &generator.random)).map { _ in
                generator.content()
            }
            let tags = generator.tags()
            try await add(
                "c.s." + name, versions, promptTags: tags.prompt, versionTags: tags.version,
                description: generator.flip() ? generator.text() : nil,
                aliases: generator.flip() ? ["production": versions.count, "old-1": 1] : [:])
        }
        let job = try await imported()
        said += job.export.entries.count
        guard !job.export.entries.isEmpty else { return }
        let plan = try await plan()
        #expect(plan.prompts.count == said)
        for prompt in plan.prompts {
            #expect(
                prompt.action == .unchanged && prompt.aliases.allSatisfy { $0.action == .unchanged },
                "\(prompt)")
        }
        #expect(said * 2 > job.prompts.count, "most prompts can be said: \(job.export.leftOut)")
    }
}

/// Names, texts, settings and tags that a careless writer of files would change.
private struct AwkwardRegistry {
    var random: SeededGenerator

    init(seed: Int) { random = SeededGenerator(seed: UInt64(seed)) }

    private static let pieces = [
        "a", "Z", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "---\n", "...\n", "- ", "# ", ": ", "{{x}}",
        "{{ y.z }}",
        "{x}", "${x}", "$${", "$", "{", "}", "{% if x %}y{% endif %}", "%}", "{# #}", "'", "\"", "\\", "\\n",
        "é",
        "e\u{301}",
        "\u{301}", "質", "😀", "👩‍👩‍👧", "\u{A0}", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{1B}[31m", "\u{7F}",
        "\u{9B}", "null",
        "no", "1.0", "~", "|", ">", "&a", "*a", "!t", "%TAG", "<<", "title: x\n", "key", "\u{0}",
    ]

    mutating func flip() -> Bool { Bool.random(using: &random) }

    mutating func text() -> String {
        (0..<Int.random(in: 0...14, using: &random)).map { _ in
            Self.pieces.randomElement(using: &random) ?? ""
        }.joined()
    }

    /// Names that differ, though some disks take them for the same.
    mutating func names() -> [String] {
        let parts = ["prompt_", "a", "A", "b", ".", "-", "_", "9", "md", "chat.yaml", "aux", "Con"]
        var names: Set<String> = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let name = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                parts.randomElement(using: &random) ?? ""
            }.joined()
            if NameRules.problem(withName: "c.s." + name) == nil { names.insert(name) }
        }
        return names.sorted()
    }

    mutating func content() -> PromptContent {
        let isChat = Int.random(in: 0..<3, using: &random) == 0
        let messages = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let role = ["system", "user", "assistant"].randomElement(using: &random) ?? ""
            return "{\"role\": \(quoted(role)), \"content\": \(quoted(text()))}"
        }
        let chat = messages.joined(separator: ", ")
        return PromptContent(
            kind: isChat ? .chat : .text, template: isChat ? "[\(chat)]" : text() + "x",
            modelConfig: flip() ? object(["temperature": "0.20", "max_tokens": "7"]) : nil,
            responseFormat: flip() ? object([:]) : nil)
    }

    private mutating func object(_ fixed: [String: String]) -> String {
        var members = fixed.map { "\"\($0.key)\": \($0.value)" }
        members.append("\"k\(text().count)\": \(json(depth: 0))")
        return "{" + members.joined(separator: ", ") + "}"
    }

    private mutating func json(depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 3 ? 9 : 6), using: &random) {
        case 0: return "null"
        case 1: return flip() ? "true" : "false"
        case 2:
            return ["0", "-1.50", "1e-7", "12345678901234567890", "9007199254740993", "1E3"]
                .randomElement(using: &random) ?? "0"
        case 3..<6: return quoted(text())
        case 6: return "[" + (0..<2).map { _ in json(depth: depth + 1) }.joined(separator: ",") + "]"
        default:
            let keys = (0..<2).map { "\(quoted(text() + "\($0)")): \(json(depth: depth + 1))" }
            return "{" + keys.joined(separator: ", ") + "}"
        }
    }

    /// A text as Python's `json.dumps` writes it: ASCII alone.
    private func quoted(_ text: String) -> String {
        "\"" + text.utf16.map { String(format: "\\u%04x", $0) }.joined() + "\""
    }

    mutating func tags() -> (prompt: [String: String], version: [String: String]) {
        var tags = (prompt: [String: String](), version: [String: String]())
        for key in ["team", "a b.c-d", "x/y", "promptreg_commit"] {
            let value = text()
            if flip() { tags.prompt[key] = value }
            if flip() { tags.version[key] = flip() ? value : text() }
        }
        return tags
    }
}
