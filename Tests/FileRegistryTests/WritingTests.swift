import Foundation
import Prompts
import Testing

@testable import FileRegistry

@Suite struct WritingTests {
    private let old = "m.s.prompt_old"

    @Test func readsBackWhatItWrote() async throws {
        let registry = try TemporaryRegistry()
        let texts = ["one\r\n two\n\n", "", "no newline", "\u{FEFF}bom\u{0}nul", "e\u{301} ≠ é 🧡"]
        try await registry.run { registry in
            for (index, text) in texts.enumerated() {
                let draft = PromptDraft(name: "c.s.p\(index)", description: "d: \(text)", tags: ["a/b": text])
                let version = try await registry.createPrompt(draft, firstVersion: .full(text))
                #expect(version.number == 1)
            }
        }
        for (index, text) in texts.enumerated() {
            let prompt = try #require(try await registry.observe("c.s.p\(index)"))
            let version = try #require(prompt.newest)
            let draft = VersionDraft.full(text)
            #expect(prompt.description.map { Array($0.utf8) } == Array("d: \(text)".utf8))
            #expect(prompt.tags.mapValues { Array($0.utf8) } == ["a/b": Array(text.utf8)])
            #expect(Array(version.content.template.utf8) == Array(text.utf8))
            #expect(version.content == draft.content)
            #expect(version.description == draft.description)
            #expect(version.tags == draft.tags)
            #expect(version.createdAt.map { $0 > 1_700_000_000_000 } == true)
            #expect(prompt.aliases.isEmpty)
        }
    }

    @Test func laysAPromptOutAsMLflowDoes() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            _ = try await registry.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x"))
            try await registry.moveAlias("production", of: "p", from: nil, to: 1)
        }
        #expect(
            registry.tree() == [
                ".promptreg.lock", "0", "0/meta.yaml", "models", "models/p", "models/p/aliases",
                "models/p/aliases/production",
                "models/p/meta.yaml", "models/p/tags", "models/p/tags/mlflow.prompt.is_prompt",
                "models/p/version-1", "models/p/version-1/meta.yaml", "models/p/version-1/tags",
                "models/p/version-1/tags/_mlflow_prompt_type",
                "models/p/version-1/tags/mlflow.prompt.is_prompt",
                "models/p/version-1/tags/mlflow.prompt.text",
            ])
        let keys = { (path: String) in
            try registry.read(path).split(separator: "\n").filter { !$0.hasPrefix(" ") }
                .map { String($0.prefix { $0 != ":" }) }
        }
        #expect(
            try keys("models/p/meta.yaml") == [
                "aliases", "creation_timestamp", "deployment_job_id", "deployment_job_state", "description",
                "last_updated_timestamp", "name", "workspace",
            ])
        #expect(
            try keys("models/p/version-1/meta.yaml") == [
                "creation_timestamp", "current_stage", "deployment_job_state", "description",
                "last_updated_timestamp", "model_id", "name", "run_id", "run_link", "source", "status",
                "status_message", "storage_location", "user_id", "version", "workspace",
            ])
        #expect(try registry.read("models/p/aliases/production") == "1")
        // MLflow's copy of the aliases, which it never reads, is left to MLflow to make.
        #expect(try registry.read("models/p/meta.yaml").hasPrefix("aliases: {}\n"))
    }

    @Test func setsTheAliasesOfItsOwnPromptsWithoutAnotherLook() async throws {
        let registry = try TemporaryRegistry()
        let calls = Paths()
        let opened = registry.open { attempt, path in
            calls.add("\(attempt) \(path)")
            return nil
        }
        try await opened.beginRun(onWait: {})
        _ = try await opened.createPrompt(PromptDraft(name: "p"), firstVersion: .text("1"))
        let before = calls.all.count
        try await opened.moveAlias("a", of: "p", from: nil, to: 1)
        #expect(calls.all[before...].contains { $0.hasSuffix("/models/p/aliases/a") })
        #expect(!calls.all[before...].contains { $0.hasSuffix("meta.yaml") || $0.hasSuffix("trash/prompts") })
        // It has no other version yet.
        #expect(await errorCode { try await opened.moveAlias("a", of: "p", from: nil, to: 2) } == .notFound)
        #expect(try await opened.createVersion(of: "p", .text("2")).number == 2)
        try await opened.moveAlias("b", of: "p", from: nil, to: 2)
        try await opened.moveAlias("a", of: "p", from: nil, to: 1)
        try await opened.moveAlias("b", of: "p", from: nil, to: nil)
        try await opened.endRun()
        #expect(try await registry.observe("p")?.aliases == ["a": 1])
        // Another run has not made it, and has to look.
        try registry.remove("models/p/version-1")
        try await opened.beginRun(onWait: {})
        #expect(await errorCode { try await opened.moveAlias("b", of: "p", from: nil, to: 1) } == .notFound)
        try await opened.endRun()
    }

    @Test func keepsMLflowsCopyOfTheAliasesUpToDate() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try await registry.run { try await $0.moveAlias("staging", of: old, from: nil, to: 1) }
        let meta = try registry.read("models/\(old)/meta.yaml")
        #expect(meta.hasPrefix("aliases:\n  production: '1'\n  staging: '1'\n"))
        #expect(!meta.contains("last_updated_timestamp: 1795255882239"))
    }

    @Test func addsToWhatMLflowWroteAndKeepsIt() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try registry.write("mine", to: "models/\(old)/version-1/notes.txt")
        let before = try registry.read("models/\(old)/version-1/meta.yaml")
        try await registry.run { registry in
            #expect(
                try await registry.createVersion(of: old, .text("4")).number == 4,
                "3 was deleted, and is taken")
            try await registry.moveAlias("staging", of: old, from: nil, to: 4)
            try await registry.moveAlias("production", of: old, from: nil, to: 2)
        }
        let prompt = try #require(try await registry.observe(old))
        #expect(prompt.newest?.number == 4)
        #expect(prompt.newest?.content.template == "4")
        #expect(prompt.aliases == ["production": 2, "staging": 4])
        #expect(prompt.description == "first\nline")
        let meta = try registry.read("models/\(old)/meta.yaml")
        for line in [
            "owner_of_the_future: someone", "deployment_job_id: job-7", "creation_timestamp: 1795255882160",
        ] {
            #expect(meta.contains(line + "\n"))
        }
        #expect(meta.contains("aliases:\n  production: '2'\n  staging: '4'\n"))
        #expect(!meta.contains("last_updated_timestamp: 1795255882239"))
        #expect(try registry.read("models/\(old)/version-1/meta.yaml") == before)
        #expect(try registry.read("models/\(old)/version-1/notes.txt") == "mine")
        #expect(!registry.tree().contains { $0.contains(".promptreg-") })
    }

    @Test func changesTagsAndDescriptionInPlace() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try await registry.run { registry in
            try await registry.update(
                old,
                MetadataChanges(
                    description: "new", promptTags: ["_mlflow_experiment_ids": ",0,1,", "x/y/z": "deep"],
                    version: 2,
                    versionTags: ["k/n": nil, "gone": nil, "team": "a"]))
        }
        let prompt = try #require(try await registry.observe(old))
        #expect(prompt.description == "new")
        #expect(prompt.tags == ["_mlflow_experiment_ids": ",0,1,", "x/y/z": "deep"])
        #expect(prompt.newest?.tags == ["team": "a"])
        #expect(prompt.newest?.number == 2)
        #expect(prompt.newest?.content.template == "Text 2\r\n")
        #expect(try registry.read("models/\(old)/meta.yaml").contains("owner_of_the_future: someone\n"))
    }

    @Test func takesAliasesAway() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        try await registry.run { registry in
            try await registry.moveAlias("production", of: old, from: nil, to: nil)
            try await registry.moveAlias("never-there", of: old, from: nil, to: nil)
        }
        #expect(try await registry.observe(old)?.aliases == [:])
        #expect(try registry.read("models/\(old)/meta.yaml").hasPrefix("aliases: {}\n"))
    }

    @Test func aPromptThatIsThereAlreadyGetsTheVersion() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            let first = PromptDraft(name: "c.s.p", tags: ["theirs": "1", "team": "old"])
            _ = try await registry.createPrompt(first, firstVersion: .text("one"))
            let second = PromptDraft(name: "c.s.p", description: "d", tags: ["team": "x"])
            #expect(try await registry.createPrompt(second, firstVersion: .text("two")).number == 2)
            let prompt = try #require(try await registry.observe(["c.s.p"])["c.s.p"])
            #expect(prompt.tags == ["theirs": "1", "team": "x"] && prompt.description == "d")
        }
    }

    @Test func aDeletedVersionKeepsItsNumber() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            _ = try await registry.createPrompt(PromptDraft(name: "c.s.p"), firstVersion: .text("one"))
            _ = try await registry.createVersion(of: "c.s.p", .text("two"))
            for _ in 0..<2 { try await registry.deleteVersion(2, of: "c.s.p") }
            #expect(try await registry.versions(of: "c.s.p").map(\.number) == [1])
            #expect(try await registry.createVersion(of: "c.s.p", .text("three")).number == 3)
        }
    }

    @Test func refusesWhatDoesNotExist() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let before = registry.tree("models")
        try await registry.run { registry in
            #expect(
                await errorCode { try await registry.moveAlias("a", of: old, from: nil, to: 9) } == .notFound)
            #expect(
                await errorCode { try await registry.moveAlias("a", of: old, from: nil, to: 3) } == .notFound)
            #expect(
                await errorCode { try await registry.moveAlias("a", of: "none", from: nil, to: 1) }
                    == .notFound)
            #expect(
                await errorCode { try await registry.moveAlias("a", of: "none", from: nil, to: nil) }
                    == .notFound)
            #expect(
                await errorCode { _ = try await registry.createVersion(of: "none", .text("x")) } == .notFound)
            let changes = MetadataChanges(version: 3, versionTags: ["a": "b"])
            #expect(await errorCode { try await registry.update(old, changes) } == .notFound)
        }
        #expect(registry.tree("models") == before)
    }

    @Test func checksWithoutARunAndWithoutARegistry() throws {
        let registry = try TemporaryRegistry()
        let key = "n/" + String(repeating: "é", count: 127)
        try registry.open().check(PromptDraft(name: old, description: "d", tags: [key: "v"]), .full("x"))
        #expect(throws: RegistryError.self) { try registry.open().check(PromptDraft(name: ""), .full("x")) }
        #expect(!registry.exists(""))
    }

    @Test(arguments: [
        "", "..", "../x", "a/../b", "/etc/x", "a//b", "a/", "./a", "a/.", "..a", "a\nb", "a\u{0}b", "a=b",
        "a\\b",
        String(repeating: "k", count: 251), "mlflow.prompt.is_prompt", "mlflow.prompt.text",
    ])
    func refusesTagKeys(_ key: String) async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            let version = VersionDraft(content: VersionDraft.text("x").content, tags: [key: "v"])
            let prompt = PromptDraft(name: "p")
            #expect(
                await errorCode { _ = try await registry.createPrompt(prompt, firstVersion: version) }
                    == .invalidValue)
            for value in ["v", nil] {
                let changes = MetadataChanges(version: 1, versionTags: [key: value])
                #expect(await errorCode { try await registry.update("p", changes) } == .invalidValue)
            }
        }
        #expect(registry.tree("models").isEmpty)
    }

    @Test func refusesOtherValuesThatMLflowRefuses() async throws {
        let registry = try TemporaryRegistry()
        let long = String(repeating: "é", count: 100_001)
        try await registry.run { registry in
            let drafts: [(PromptDraft, VersionDraft)] = [
                (PromptDraft(name: "a/b"), .text("x")),
                (PromptDraft(name: "p"), .text(long)),
                (PromptDraft(name: "p", tags: ["k": long]), .text("x")),
                // It has few enough characters, but no file can have a name of so many bytes.
                (PromptDraft(name: "p", tags: [String(long.prefix(250)): "v"]), .text("x")),
                (PromptDraft(name: "p", tags: ["k": "", "k/n": ""]), .text("x")),
                (PromptDraft(name: "p", tags: ["mlflow.prompt.is_prompt": "false"]), .text("x")),
            ]
            for (prompt, version) in drafts {
                let early = #expect(throws: RegistryError.self) { try registry.check(prompt, version) }
                let late = await error { _ = try await registry.createPrompt(prompt, firstVersion: version) }
                #expect(early?.code == .invalidValue)
                #expect(early == late)
            }
            let longest = VersionDraft.text(String(long.dropLast()))
            try registry.check(PromptDraft(name: "p"), longest)
            let made = try await registry.createPrompt(PromptDraft(name: "p"), firstVersion: longest)
            #expect(made.number == 1)
            for alias in ["latest", "v1", "a b", "", "../x"] {
                #expect(
                    await errorCode { try await registry.moveAlias(alias, of: "p", from: nil, to: 1) }
                        == .invalidValue)
            }
        }
        #expect(registry.tree("models").filter { !$0.contains("/") } == ["p"])
    }

    @Test func takesTheNextNumberWhenMLflowTookItsOwn() async throws {
        let registry = try TemporaryRegistry()
        try registry.writeMLflowPrompt()
        let count = Counter()
        let opened = registry.open { attempt, path in
            if attempt == .rename, path.hasSuffix("/version-4"), count.add() == 1 {
                try? registry.write("", to: "models/m.s.prompt_old/version-4/meta.yaml")
            }
            return nil
        }
        try await opened.beginRun(onWait: {})
        #expect(try await opened.createVersion(of: old, .text("5")).number == 5)
        try await opened.endRun()
        let prompt = try #require(try await registry.observe(old))
        #expect(prompt.newest?.number == 5)
        #expect(registry.exists("models/\(old)/version-4/meta.yaml"))
    }

    @Test func worksWhereRenamesHaveNoFlags() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { _ in }
        let count = Counter()
        let opened = registry.open { attempt, _ in attempt == .rename && count.add() == 1 ? EINVAL : nil }
        try await opened.beginRun(onWait: {})
        #expect(try await opened.createPrompt(PromptDraft(name: "p"), firstVersion: .text("x")).number == 1)
        try await opened.endRun()
        #expect(count.value == 2)
        #expect(try await registry.observe("p")?.newest?.number == 1)
    }

    @Test func worksForManyPromptsAtOnce() async throws {
        let registry = try TemporaryRegistry()
        try await registry.run { registry in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let name = "p\(index)"
                        _ = try await registry.createPrompt(PromptDraft(name: name), firstVersion: .text("1"))
                        #expect(try await registry.createVersion(of: name, .text("2")).number == 2)
                        try await registry.moveAlias("a", of: name, from: nil, to: 1)
                        try await registry.moveAlias("a", of: name, from: nil, to: 2)
                    }
                }
                try await group.waitForAll()
            }
        }
        let observed = try await registry.open().observe((0..<64).map { "p\($0)" })
        #expect(observed.count == 64)
        #expect(observed.values.allSatisfy { $0.aliases == ["a": 2] && $0.newest?.content.template == "2" })
        #expect(!registry.tree().contains { $0.contains(".promptreg-") || $0.contains(".trash") })
    }
}
