import Foundation
import Prompts
import Testing

@testable import FileRegistry

/// Each side with what the other wrote, in one Python process.
@Suite struct MLflowTests {
    /// Names that YAML could take for something other than text.
    private static let names = [
        "c.s.prompt_a", "2024-01-01", "1e3", "0x1F", "null", "yes", "1_000", "12", "1.50", "-", "-1", "007",
        ".5",
    ]

    @Test func opensAddsToAndMigratesWhatThisWrote() async throws {
        let mlflow = try MLflow()
        let registry = try TemporaryRegistry()
        let text = "Hé {{ x }}\r\n{y}\n\n"
        try await registry.run { registry in
            for name in Self.names {
                let draft = PromptDraft(
                    name: name, description: "# no: 'comment'\n - [x]", tags: ["team": "a"])
                _ = try await registry.createPrompt(draft, firstVersion: .full(text + name))
                try await registry.moveAlias("production", of: name, from: nil, to: 1)
            }
            _ = try await registry.createVersion(of: Self.names[0], .text("second"))
            try await registry.update(
                Self.names[0],
                MetadataChanges(promptTags: ["x/y": "z"], version: 1, versionTags: ["team": nil, "new": "n"]))
            let chat = #"[{"role": "user", "content": "{{ q }}"}]"#
            _ = try await registry.createVersion(
                of: Self.names[1], VersionDraft(content: PromptContent(kind: .chat, template: chat)))
        }
        try loads(mlflow, registry, text)
        try adds(mlflow, registry)
        let observed = try #require(try await registry.observe(Self.names[0]))
        #expect(observed.newest?.number == 4)
        #expect(observed.newest?.content.template == "fourth")
        #expect(observed.newest?.content.modelConfig == #"{"model_name": "m"}"#)
        #expect(observed.newest?.description == "why\n")
        #expect(observed.newest?.tags == ["by": "mlflow", "k/n": "v"])
        #expect(observed.aliases == ["production": 4, "staging": 1])
        #expect(observed.tags["by"] == "mlflow")
        #expect(observed.tags["_mlflow_experiment_ids"] == ",0,")
        // And on top of that again.
        try await registry.run { registry in
            try await registry.moveAlias("staging", of: Self.names[0], from: nil, to: 4)
            #expect(try await registry.createVersion(of: Self.names[0], .text("fifth")).number == 5)
        }
        try migrates(mlflow, registry)
    }

    private func loads(_ mlflow: MLflow, _ registry: TemporaryRegistry, _ text: String) throws {
        let found = try #require(
            try mlflow.run(
                """
                client = connect(root)
                def seen(uri):
                    version = client.load_prompt(uri)
                    return [version.version, version.template, version.commit_message, version.tags]
                prompts = {p.name: p for p in client.search_prompts(max_results=1000)}
                result = {name: [p.description, p.tags] + [seen(f"prompts:/{name}{at}") for at in ("/1", "@production", "@latest")]
                          for name, p in prompts.items()}
                """, root: registry.root) as? [String: NSArray])
        #expect(Set(found.keys) == Set(Self.names))
        for (name, seen) in found {
            let isFirst = name == Self.names[0]
            #expect(seen[0] as? String == "# no: 'comment'\n - [x]")
            #expect(seen[1] as? [String: String] == (isFirst ? ["team": "a", "x/y": "z"] : ["team": "a"]))
            let version = try #require(seen[2] as? NSArray)
            #expect(version == seen[3] as? NSArray, "by its alias as by its number")
            #expect(version[0] as? Int == 1)
            #expect((version[1] as? String)?.utf8.elementsEqual((text + name).utf8) == true)
            #expect(version[2] as? String == VersionDraft.full("").description)
            let tags = isFirst ? ["new": "n", "nested/key": "ü\r\n"] : VersionDraft.full("").tags
            #expect(version[3] as? [String: String] == tags)
        }
        let latest = found.mapValues { ($0[4] as? NSArray)?[1] }
        #expect(latest[Self.names[0]] as? String == "second")
        #expect(latest[Self.names[1]] as? [[String: String]] == [["role": "user", "content": "{{ q }}"]])
    }

    private func adds(_ mlflow: MLflow, _ registry: TemporaryRegistry) throws {
        let versions = try mlflow.run(
            """
            client, name = connect(root), "\(Self.names[0])"
            client.register_prompt(name, "third")
            client.delete_prompt_version(name, 3)
            version = client.register_prompt(
                name, "fourth", commit_message="why\\n", tags={"by": "mlflow", "k/n": "v"}, model_config={"model_name": "m"})
            client.set_prompt_alias(name, "production", 4)
            client.set_prompt_alias(name, "staging", 1)
            settle()
            result = version.version
            """, root: registry.root)
        #expect(versions as? Int == 4)
    }

    private func migrates(_ mlflow: MLflow, _ registry: TemporaryRegistry) throws {
        let found = try #require(
            try mlflow.run(
                """
                from click.testing import CliRunner
                from mlflow.store.fs2db.cli import migrate_filestore
                database = "sqlite:///" + root + ".db"
                done = CliRunner().invoke(migrate_filestore, ["--source", root, "--target", database])
                assert done.exit_code == 0, done.output
                mlflow.set_tracking_uri(database)
                mlflow.set_registry_uri(database)
                client, name = mlflow.MlflowClient(), "\(Self.names[0])"
                result = [sorted(p.name for p in client.search_prompts(max_results=1000))] + [
                    client.load_prompt(f"prompts:/{name}{at}").template for at in ("@staging", "@latest")]
                """, root: registry.root) as? NSArray)
        #expect(found[0] as? [String] == Self.names.sorted())
        #expect(found[1] as? String == "fourth")
        #expect(found[2] as? String == "fifth")
    }

    @Test func listsWhatMLflowWrote() async throws {
        let mlflow = try MLflow()
        let registry = try TemporaryRegistry()
        let found = try #require(
            try mlflow.run(
                """
                client = connect(root)
                for name in ("a.s.x", "a.s.y", "b.s.x", "gone"):
                    for number in range(1, 12):
                        client.register_prompt(name, f"{name} {number} {{{{ v }}}}\\r\\n", commit_message=f"why {number}",
                                               tags={"n": str(number)}, response_format={"type": "object"})
                    client.set_prompt_tag(name, "team", name[:1])
                client.create_registered_model("model", tags={"team": "a"})
                for number in (1, 5, 11):
                    client.delete_prompt_version("a.s.y", number)
                for number in range(1, 12):
                    client.delete_prompt_version("b.s.x", number)
                client.delete_prompt("gone")
                settle()
                def seen(name, number):
                    version = client.get_prompt_version(name, number)
                    return {"number": version.version, "template": version.template, "tags": version.tags,
                            "message": version.commit_message, "created": version.creation_timestamp}
                result = {
                    "names": sorted(p.name for p in client.search_prompts(max_results=1000)),
                    "team": sorted(p.name for p in client.search_prompts("tags.team = 'a'", max_results=1000)),
                    "versions": {name: [seen(name, number) for number in range(11, 0, -1) if name != "a.s.y" or number not in (1, 5, 11)]
                                 for name in ("a.s.x", "a.s.y")},
                }
                """, root: registry.root) as? [String: Any])
        let opened = registry.open()
        #expect(try await opened.names(matching: PromptQuery()) == ["a.s.x", "a.s.y", "b.s.x"])
        #expect(try await opened.names(matching: PromptQuery()) == found["names"] as? [String])
        let team = PromptQuery(tag: .init(key: "team", value: "a"))
        #expect(try await opened.names(matching: team) == ["a.s.x", "a.s.y"])
        #expect(try await opened.names(matching: team) == found["team"] as? [String])
        let theirs = try #require(found["versions"] as? [String: [[String: Any]]])
        for (name, theirs) in theirs {
            let ours = try await opened.versions(of: name)
            #expect(ours.map(\.number) == theirs.map { $0["number"] as? Int })
            for (our, their) in zip(ours, theirs) {
                #expect(our.content.template == their["template"] as? String)
                #expect(our.content.responseFormat == #"{"type": "object"}"#)
                #expect(our.tags == their["tags"] as? [String: String])
                #expect(our.description == their["message"] as? String)
                #expect(our.createdAt == their["created"] as? Int)
                #expect(try await opened.version(our.number, of: name) == our)
            }
        }
        #expect(try await opened.versions(of: "b.s.x") == [])
        #expect(await errorCode { _ = try await opened.version(5, of: "a.s.y") } == .notFound)
        #expect(await errorCode { _ = try await opened.versions(of: "gone") } == .notFound)
        #expect(await errorCode { _ = try await opened.versions(of: "model") } == .nameTaken)
    }

    @Test func opensWhatARunLeavesWhereverItDies() async throws {
        let mlflow = try MLflow()
        var registries: [TemporaryRegistry] = []
        var isDone = false
        while !isDone {
            let registry = try TemporaryRegistry()
            try registry.writeMLflowPrompt()
            let dying = registry.openDying(after: registries.count * 2)
            isDone = await error { try await WholeRun.work(dying) } == nil
            registries.append(registry)
        }
        let roots = registries.map { "'\($0.root)'" }.joined(separator: ", ")
        let found = try #require(
            try mlflow.run(
                """
                def seen(root):
                    client = connect(root)
                    client.search_experiments(view_type=3)
                    names = sorted(p.name for p in client.search_prompts())
                    models = client.search_model_versions("tags.`mlflow.prompt.is_prompt` = 'true'")
                    assert models
                    return [[name, client.load_prompt(f"prompts:/{name}@latest").version] for name in names]
                result = [seen(root) for root in [\(roots)]]
                assert not warnings, warnings
                """) as? [[NSArray]])
        #expect(found.count > 30)
        let new = "m.s.prompt_new"
        let old = "m.s.prompt_old"
        for state in found {
            #expect([[[old, 2]], [[new, 1], [old, 2]], [[new, 1], [old, 4]]].contains(state))
        }
        #expect(found.last == [[new, 1], [old, 4]])
    }
}
