import Diagnostics
import Foundation
import Support
import Testing
import YAML

@testable import Jobs

@Suite struct JobLoaderTests {
    @Test func aLaterVersionIsToldFirstAndItsKeysAreNone() throws {
        let spec = "job: a\nfuture: 1\non_error: never\nversion: 2\nalias: [x]\naliases: x\n"
        #expect(try JobFolder(["a.md": "x"]).load(spec).findings.first == "bad-value@4:10")
        #expect(try !JobFolder().load(spec).findings.contains { $0.hasPrefix("unknown-key") })
    }

    @Test func oneSlipIsOneFinding() throws {
        let python = try JobFolder(["prompts/a.md": "Hi {x}"]).load(
            "version: 1\njob: a\nprompts_dir: ../prompts\nsyntax: pyton\n")
        #expect(python.findings == ["bad-value@4:9"])
        let own = try JobFolder(["prompts/a.md": "---\nsyntax: pyton\n---\nHi {x}"]).load(
            "version: 1\njob: a\nprompts_dir: ../prompts\n")
        #expect(own.findings == ["bad-value@2:9"])
        let chat = try JobFolder(["prompts/a.chat.yaml": "- role: user\n  contents: Hi {{x}}\n"]).load(
            "version: 1\njob: a\nprompts_dir: ../prompts\n")
        #expect(chat.findings == ["unknown-key@2:3"])
    }

    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\n"

    @Test func theShippedJobIsFit() throws {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let job = LoadedJob(
            path: repository.appending(path: "jobs/health_monitor.yaml").standardized.path,
            inputs: JobInputs())
        #expect(job.findings == [])
        let state = try #require(job.state)
        #expect(
            Set(state.prompts.map(\.name)) == [
                "orchestrator", "intent_classifier", "synthesizer", "cost_worker", "security_worker",
                "performance_worker", "reliability_worker", "quality_worker",
            ])
        #expect(state.prompts[0].fullName == "main.health_monitor_agent.prompt_orchestrator")
        #expect(state.prompts[0].aliases == ["production", "staging"])
        #expect(state.target == "local" && state.registry == "file:../mlruns")
        let prod = LoadedJob(
            path: repository.appending(path: "jobs/health_monitor.yaml").standardized.path,
            inputs: JobInputs(target: "prod", variables: ["catalog": "prod"]))
        #expect(prod.state?.prompts[0].fullName == "prod.health_monitor_agent.prompt_orchestrator")
        #expect(prod.state?.prompts[0].aliases == ["staging"])
        #expect(prod.state?.registry == "databricks-uc")
    }

    @Test func allFindingsComeInOneGo() throws {
        let folder = try JobFolder(["prompts/a.md": "x", "prompts/empty.md": "\n"])
        let job = try folder.load(
            """
            version: 0
            job: agent
            vairables: {}
            aliases: [production, latest, v1, a b, production]
            syntax: mustach
            on_error: stop
            catalog: main
            prompts_dir: ../prompts
            registry: ftp://x
            provenance: maybe
            prompts:
              a: {file: a.md, tags: {mlflow.x: 1, n: 1.10}, model_config: {temperature: -1, top_p: 2, max_tokens: 1.5}}
              "a/b": {file: a.md}
              empty: {file: empty.md}
              none: {fil: a.md}
              gone: {file: gone.md}
            targets:
              prod: {default: true, alias: [x]}
              dev: {default: true}
            """)
        #expect(job.state == nil)
        let expected = [
            "bad-value@1:10", "unknown-key@3:1", "bad-name@4:23", "bad-name@4:31", "bad-name@4:35",
            "repeated@4:40", "bad-value@5:9", "bad-value@6:11", "half-a-name@7:10", "bad-name@9:11",
            "wrong-type@10:13", "bad-name@12:26", "wrong-type@12:42", "bad-value@12:77", "bad-value@12:88",
            "bad-value@12:103", "bad-name@13:3", "unknown-key@15:10",
            "unreadable-template@16:16", "unknown-key@18:25", "several-defaults@19:3", "empty-template@1:1",
        ]
        #expect(job.findings == expected)
        #expect(job.diagnostics.sorted[1].help == "did you mean 'variables'?")
    }

    @Test(arguments: [
        ("", ["missing-key@1:1"]),
        ("[]", ["wrong-type@1:1"]),
        ("a", ["wrong-type@1:1"]),
        ("version: 1\njob: a\nprompts: {}", ["no-prompts@3:1"]),
        ("version: 1\njob: a\nprompts:", ["no-prompts@3:1", "wrong-type@3:9"]),
        ("version: 1\njob: a\nprompts: []", ["wrong-type@3:10"]),
        ("version: 1\njob: a\nprompts_dir: nowhere", ["unreadable@3:14"]),
        ("version: 1\njob: \"a\\nb\"\nprompts_dir: ../prompts", ["bad-name@2:6", "no-prompts@3:14"]),
    ])
    func specsThatAreNone(spec: String, expected: [String]) throws {
        #expect(try JobFolder().load(spec).findings == expected)
    }

    @Test func aSpecThatCannotBeRead() throws {
        let folder = try JobFolder()
        #expect(LoadedJob(path: folder.path("none.yaml"), inputs: JobInputs()).findings == ["unreadable@1:1"])
        #expect(LoadedJob(path: folder.path("prompts"), inputs: JobInputs()).findings == ["unreadable@1:1"])
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(LoadedJob(path: folder.path("pipe"), inputs: JobInputs()).findings == ["unreadable@1:1"])
        #expect(LoadedJob(path: "/dev/zero", inputs: JobInputs()).findings == ["unreadable@1:1"])
    }

    // MARK: Names

    @Test func namesNeedNoCatalogButNotHalfOfIt() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        #expect(try folder.load(head).state?.prompts.map(\.fullName) == ["prompt_a"])
        #expect(
            try folder.load(head + "name_prefix: ''\ncatalog: c\nschema: s").state?.prompts.map(\.fullName)
                == ["c.s.a"])
        #expect(try folder.load(head + "schema: s").findings == ["half-a-name@4:9"])
        let inputs = JobInputs(catalog: "x", schema: "y z")
        #expect(try folder.load(head, inputs: inputs).findings == ["bad-name"])
        let long = String(repeating: "a", count: 240)
        #expect(
            try folder.load(head + "catalog: \(long)\nschema: s").findings == ["name-too-long@3:14"])
    }

    // MARK: Variables and targets

    private let variables = """
        version: 1
        job: agent
        prompts_dir: ../prompts
        variables: {c: {default: main}, s: {}, n: {default: 7}}
        catalog: ${var.c}
        schema: ${var.s}_${var.n}
        description: costs $${x} and $5
        targets:
          prod: {variables: {c: prod}}
        """

    @Test func aVariableComesFromTheFlagTheEnvironmentTheTargetOrItsDefault() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        func prefix(_ inputs: JobInputs) throws -> String? {
            try folder.load(variables, inputs: inputs).state?.prompts[0].fullName
        }
        #expect(try prefix(JobInputs(variables: ["s": "x"])) == "main.x_7.prompt_a")
        #expect(try prefix(JobInputs(target: "prod", variables: ["s": "x"])) == "prod.x_7.prompt_a")
        let environment = ["PROMPTREG_VAR_s": "env", "PROMPTREG_VAR_C": "upper"]
        #expect(try prefix(JobInputs(target: "prod", environment: environment)) == "upper.env_7.prompt_a")
        #expect(
            try prefix(JobInputs(variables: ["c": "flag"], environment: environment)) == "flag.env_7.prompt_a"
        )
        #expect(
            try folder.load(variables, inputs: JobInputs(variables: ["s": "x"])).state?.description
                == "costs ${x} and $5")
    }

    @Test func variablesThatCannotBeResolved() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        #expect(try folder.load(variables).findings == ["unset-variable@6:9"])
        #expect(
            try folder.load(variables, inputs: JobInputs(variables: ["s": "x", "t": "y"])).findings
                == ["undeclared-variable"])
        #expect(
            try folder.load(head + "description: ${var.x} ${bundle.y} ${").findings == [
                "undeclared-variable@4:14", "bad-interpolation@4:14", "bad-interpolation@4:14",
            ])
        #expect(
            try folder.load(head + "targets: {p: {variables: {x: y}}}").findings
                == ["undeclared-variable@4:27"])
    }

    @Test func whatMLflowWouldRefuseForItsLengthIsRefusedBefore() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        let long = String(repeating: "x", count: 100_001)
        let job = try folder.load(
            head + "prompts:\n  a:\n    file: a.md\n    tags: {t: \(long)}\n    model_config: {x: \(long)}\n"
                + "    response_format: {x: \(long)}")
        #expect(job.findings == ["value-too-long@7:15", "value-too-long@8:19", "value-too-long@9:22"])
    }

    @Test func interpolationGoesByCodePoints() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        let spec = head + "variables: {x: {default: e}}\ndescription: "
        for (written, read) in [
            ("$${x}\u{301}", "${x}\u{301}"), ("$\u{301}{x}", "$\u{301}{x}"), ("$$${x}", "$${x}"),
            ("${var.x}\u{301}", "e\u{301}"), ("$${\u{301}", "${\u{301}"), ("$\r${var.x}", "$\re"),
        ] {
            let text = try #require(
                try folder.load(spec + JSONValue.string(written).yamlText).state?.description)
            #expect(text.utf8.elementsEqual(read.utf8), "\(written)")
        }
    }

    @Test func experimentsAreIds() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        #expect(
            try folder.load(head + "experiment: [12, \"13\", trials, \"a,b\", 1.5]").findings == [
                "bad-name@4:24", "bad-name@4:32", "wrong-type@4:39",
            ])
        let named = try folder.load(head + "experiment: /Shared/trials")
        #expect(named.findings == ["bad-name@4:13"])
    }

    @Test func behindALinkTwoDotsAreTheFolderThatTheLinkLeadsInto() throws {
        let folder = try JobFolder(["real/prompts/a.md": "there", "prompts/b.md": "here"])
        try folder.write(
            Data("version: 1\njob: agent\nprompts_dir: ../prompts\n".utf8), to: "real/jobs/job.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("linked"), withDestinationPath: "real/jobs")
        let job = LoadedJob(path: folder.path("linked/job.yaml"), inputs: JobInputs())
        #expect(job.state?.prompts.map(\.name) == ["a"])
    }

    @Test func aLongValueUsedOftenIsReportedOnce() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        let text = String(repeating: "${var.c}", count: 100_000)
        let job = try folder.load(
            head + "variables: {c: {}}\ndescription: \(text)",
            inputs: JobInputs(variables: ["c": String(repeating: "x", count: 100_000)]))
        #expect(job.findings == ["bad-interpolation@5:14"])
    }

    @Test func anUnknownTargetIsReportedWithItsNearName() throws {
        let folder = try JobFolder(["prompts/a.md": "x"])
        let job = try folder.load(head + "targets: {prod: {}}", inputs: JobInputs(target: "prd"))
        #expect(job.findings == ["unknown-target@4:1"])
        #expect(job.diagnostics.sorted[0].help == "did you mean 'prod'?")
    }

    @Test func aPromptsOwnAliasesComeBeforeTheTargetsAndThoseBeforeTheJobs() throws {
        let folder = try JobFolder(["prompts/a.md": "x", "prompts/b.md": "x"])
        let spec =
            head + "aliases: [production]\ntargets: {dev: {aliases: [dev]}}\n"
            + "prompts: {a: {file: a.md}, b: {file: b.md, aliases: [own]}}"
        func aliases(_ inputs: JobInputs) throws -> [[String]]? {
            try folder.load(spec, inputs: inputs).state?.prompts.map(\.aliases)
        }
        #expect(try aliases(JobInputs()) == [["production"], ["own"]])
        #expect(try aliases(JobInputs(target: "dev")) == [["dev"], ["own"]])
        #expect(try aliases(JobInputs(aliases: ["x", "y"])) == [["x", "y"], ["x", "y"]])
        #expect(try folder.load(spec, inputs: JobInputs(aliases: ["latest"])).findings == ["bad-name"])
    }

    @Test func numbersReachTheRegistryWithTheirDigits() throws {
        let folder = try JobFolder([
            "prompts/a.md": "x", "prompts/f.json": #"{"n": 9007199254740993, "x": 1.50}"#,
        ])
        let job = try folder.load(
            head
                + """
                experiment: 12345678901234567890
                prompts:
                  a:
                    file: a.md
                    tags: {t: 12345678901234567890}
                    model_config: {temperature: 0.20, seed: 12345678901234567890, max_tokens: 0x10, x: 1e400}
                    response_format: f.json
                """)
        #expect(job.findings == [])
        let prompt = try #require(job.state?.prompts.first)
        #expect(
            prompt.modelConfig
                == #"{"temperature": 0.20, "seed": 12345678901234567890, "max_tokens": 16, "x": 1e400}"#)
        #expect(prompt.responseFormat == #"{"n": 9007199254740993, "x": 1.50}"#)
        #expect(prompt.experiments == ["12345678901234567890"] && prompt.tags["t"] == "12345678901234567890")
    }

    @Test func everyKeyOfTheSpecArrives() throws {
        let folder = try JobFolder(["prompts/a.md": "Hi {{x}}", "prompts/f.json": #"{"type": "object"}"#])
        let spec = """
            version: 1
            job: agent
            description: What for
            registry: http://localhost:1
            catalog: c
            schema: s
            name_prefix: p_
            aliases: [one]
            prompts_dir: ../prompts
            syntax: mustache
            on_error: continue
            experiment: [12, "13"]
            provenance: false
            prompts:
              a:
                file: a.md
                variables: [x]
                description: A prompt
                tags: {team: platform, level: 3, on: true}
                aliases: [two]
                model_config: {model_name: m, temperature: 0.2, max_tokens: 5, custom: {a: [1, null]}}
                response_format: f.json
            """
        let state = try #require(try folder.load(spec).state)
        #expect(state.description == "What for" && state.onError == .continue && !state.provenance)
        let prompt = try #require(state.prompts.first)
        #expect(prompt.experiments == ["12", "13"])
        #expect(prompt.description == "A prompt" && prompt.aliases == ["two"])
        #expect(prompt.tags == ["team": "platform", "level": "3", "on": "true"])
        #expect(
            JSONValue.areEqual(
                prompt.modelConfig,
                #"{"model_name":"m","temperature":0.2,"max_tokens":5,"custom":{"a":[1,null]}}"#))
        #expect(prompt.responseFormat == #"{"type": "object"}"#)
        #expect(prompt.template.variables == ["x"] && prompt.template.characters == 8)
    }
}
