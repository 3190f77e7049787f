import Diagnostics
import Foundation
import Prompts
import Testing

@testable import Jobs

@Suite struct DiscoveryTests {
    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\n"

    private func folder(_ files: [String]) throws -> JobFolder {
        try JobFolder(Dictionary(uniqueKeysWithValues: files.map { ("prompts/" + $0, "Text") }))
    }

    private func names(_ files: [String], _ more: String = "") throws -> [String]? {
        try folder(files).load(head + more).state?.prompts.map(\.name)
    }

    @Test func foldersGiveTheFirstPartsOfNames() throws {
        let files = ["a.md", "support/system.md", "sales/eu/system.txt", "sales/eu/tone.prompty"]
        #expect(try names(files) == ["a", "sales_eu_system", "sales_eu_tone", "support_system"])
        #expect(
            try names(files, "name_separator: '.'\n") == [
                "a", "sales.eu.system", "sales.eu.tone", "support.system",
            ])
        #expect(
            try names(files, "name_separator: ''\n") == [
                "a", "saleseusystem", "saleseutone", "supportsystem",
            ])
        #expect(try names(files, "max_depth: 1\n") == ["a", "support_system"])
        #expect(try names(files, "max_depth: 0\n") == ["a"])
        let wrong = try folder(files).load(head + "max_depth: -1\nname_separator: /\n").findings
        #expect(wrong == ["bad-value@4:12", "bad-name@5:17", "passed-over@3:14"])
    }

    @Test func whatExcludesNothingIsTold() throws {
        let files = ["a.md", "drafts/old.md", "_parts/b.md", "x/README.md"]
        let used = ["drafts", "old.md", "_parts/*", "README.md", "x/"]
        let list = { (patterns: [String]) in
            "exclude: [\(patterns.map { "'\($0)'" }.joined(separator: ", "))]\n"
        }
        #expect(try folder(files).load(head + list(used)).findings.allSatisfy { !$0.hasPrefix("unused") })
        let wrong = try folder(files).load(head + list(["drfts", "drafts"])).findings
        #expect(wrong.filter { $0.hasPrefix("unused") } == ["unused-pattern@4:11"])
        let negated = try folder(files).load(head + list(["drafts", "!drafts/old.md", "x", "!x", "!a.md"]))
        #expect(
            negated.findings.filter { $0.hasPrefix("unused") } == [
                "unused-pattern@4:21", "unused-pattern@4:50",
            ])
        #expect(negated.diagnostics.sorted.first?.message == "'!drafts/old.md' takes nothing back in")
    }

    @Test(arguments: [
        ("'drafts/*', '!drafts/keep.md'", ["a", "drafts_keep"]), ("'*.md', '!keep.md'", ["drafts_keep"]),
        ("'*.md', '!drafts', '!a.md'", ["a"]), ("drafts, '!drafts'", ["a", "drafts_keep", "drafts_old"]),
        ("drafts, '!keep.md'", ["a"]), ("'!a.md', a.md, drafts/keep.md", ["drafts_old"]),
        ("'*', '!drafts', '!drafts/old'", ["drafts_old"]),
        ("'\\!a.md', '#a.md'", ["a", "drafts_keep", "drafts_old"]),
    ])
    func theLastPatternDecidesAsInGitignore(patterns: String, left: [String]) throws {
        let files = ["a.md", "drafts/keep.md", "drafts/old.md"]
        #expect(try names(files, "exclude: [\(patterns)]\n") == left)
    }

    @Test(arguments: [
        ("prompts: {a: {file: prompts/sub/b.md}}", "unreadable-template@4:21", "write sub/b.md"),
        ("prompts: {a: {file: a.md}}\nexclude: [old.md]", "unused-pattern@5:10", nil),
        ("prompts: {'prompts/sub/*': {}, a: {file: a.md}}", "unused-pattern@4:11", "write 'sub/*'"),
        ("exclude: [../prompts/sub]", "unused-pattern@4:11", "write 'sub'"),
        ("prompts: {a/b.md: {file: a.md}}", "bad-name@4:11", "the file's path to 'file'"),
        (
            "prompts: {a: {file: a.md, response_format: json}}", "bad-response-format@4:44",
            "write a JSON Schema"
        ),
        ("prompts: {a: {file: part.md}}", "missing-part@1:5", "did you mean 'sub/b.md'?"),
    ])
    func aPathThatIsRelativeToAnotherFolderIsExplained(spec: String, finding: String, help: String?) throws {
        let files = [
            "prompts/a.md": "A", "prompts/sub/b.md": "B", "prompts/part.md": "{{> prompts/sub/b.md}}",
        ]
        let job = try JobFolder(spec.contains("part") ? files : files.filter { !$0.key.hasSuffix("part.md") })
            .load(
                head + spec)
        #expect(job.findings.first == finding)
        let found = job.diagnostics.sorted.first?.help
        #expect(help.map { found?.contains($0) == true } ?? (found == nil))
    }

    @Test(arguments: [
        ("prompts", "write ../prompts"), ("../prompts/*.md", "patterns of its files go into 'prompts'"),
        ("../gone", nil),
    ])
    func aFolderThatIsNotThereIsExplained(folder: String, help: String?) throws {
        let spec = head.replacing("../prompts", with: folder)
        let found = try JobFolder(["prompts/a.md": "A"]).load(spec).diagnostics.sorted.first
        #expect(found?.code == .unreadable && found?.help?.contains(help ?? "") == (help == nil ? nil : true))
    }

    @Test func theConflictsOfMergesAreErrors() throws {
        let conflict = "A\n<<<<<<< ours\nB\n=======\nC\n>>>>>>> theirs\n"
        for file in ["a.md", "a.chat.yaml"] {
            let job = try JobFolder(["prompts/" + file: conflict]).load(head)
            #expect(job.findings == ["conflict-markers@2:1"])
        }
        let part = try JobFolder(["prompts/a.md": "{{> p}}", "prompts/_p.md": conflict]).load(head)
        #expect(part.findings == ["conflict-markers@2:1"])
        #expect(
            try JobFolder(["prompts/a.md": "A"]).load(head + conflict).findings == ["conflict-markers@5:1"])
        #expect(try JobFolder(["prompts/a.md": "<<<<<<< a\n>>>>>>> b\n======="]).load(head).findings.isEmpty)
    }

    @Test(arguments: ["md", "txt", "prompt", "prompty", "j2", "jinja", "jinja2"])
    func everyEndingIsTaken(ending: String) throws {
        #expect(try names(["x/a.\(ending)"]) == ["x_a"])
    }

    @Test(arguments: ["chat.yaml", "chat.yml", "chat.json"])
    func chatsAreTaken(ending: String) throws {
        let text =
            #"[{"role": "user", "content": "{{x}} \#(ending.hasSuffix("json") ? "\\ud83d\\ude00" : "😀")"}]"#
        let state = try JobFolder(["prompts/x/a.\(ending)": text]).load(head).state
        #expect(state?.prompts.map(\.name) == ["x_a"])
        #expect(state?.prompts.first?.template.isChat == true)
        #expect(state?.prompts.first?.template.text == #"[{"role": "user", "content": "{{x}} 😀"}]"#)
    }

    @Test func whatIsPassedOverIsNamedOnce() throws {
        let files = [
            "a.md", "README.md", "x/Readme.TXT", "x/readme.prompt", "_part.md", ".hidden.md", "_parts/b.md",
            ".git/c.md", "notes.yaml", "x/run.py",
        ]
        let job = try folder(files).load(head)
        #expect(job.state?.prompts.map(\.name) == ["a"])
        let note = try #require(job.diagnostics.diagnostics.first)
        #expect(job.diagnostics.diagnostics.count == 1 && note.severity == .note)
        #expect(
            note.message
                == "8 files are passed over: .hidden.md, README.md, _part.md, _parts/, notes.yaml, x/Readme.TXT, x/readme.prompt, x/run.py"
        )
        let silent = try folder(files).load(
            head + "exclude: ['.*', readme*, README.md, _*, '*.yaml', Readme.*, '*.py']")
        #expect(silent.findings.isEmpty && silent.state?.prompts.count == 1)
    }

    @Test func aFileThatAPromptUsesIsNotNamed() throws {
        let folder = try JobFolder([
            "prompts/a.md": "---\nresponse_format: a.json\n---\nText",
            "prompts/a.json": "{\"type\": \"object\"}",
        ])
        #expect(try folder.load(head).findings.isEmpty)
    }

    @Test func clashesAreToldAtEveryFile() throws {
        let job = try folder(["a/b.md", "a_b.txt", "a_b.md", "c.md"]).load(head)
        #expect(job.findings == ["same-name@1:1", "same-name@1:1", "same-name@1:1"])
        let files = job.diagnostics.sorted.compactMap { $0.location?.file }
        #expect(files.map { String($0.suffix(7)) } == ["/a/b.md", "/a_b.md", "a_b.txt"])
        #expect(try names(["a/b.md", "a_b.txt"], "exclude: [a_b.txt]\n") == ["a_b"])
    }

    @Test func linksToFoldersAreNotFollowed() throws {
        let folder = try folder(["a.md", "x/b.md"])
        for (link, to) in [
            ("loop", "."), ("x/up", ".."), ("twice", "x"), ("out", "/etc"), ("gone", "nowhere"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("prompts/" + link), withDestinationPath: to)
        }
        let job = try folder.load(head)
        #expect(job.state?.prompts.map(\.name) == ["a", "x_b"])
        #expect(job.findings == ["passed-over@3:14"])
    }

    @Test(arguments: [
        ("drafts", ["a", "x_c"]), ("drafts/", ["a", "x_c"]), ("drafts/*", ["a", "x_c"]),
        ("*.txt", ["a", "drafts_b"]),
        ("x/c.txt", ["a", "drafts_b"]), ("x/c", ["a", "drafts_b"]), ("c", ["a", "drafts_b"]),
        ("/a.md", ["drafts_b", "x_c"]),
        ("**/c.txt", ["a", "drafts_b"]), ("**/a.md", ["drafts_b", "x_c"]), ("x_c", ["a", "drafts_b"]),
        ("[ad]*", ["x_c"]),
        ("*/c.txt", ["a", "drafts_b"]), ("b.txt", ["a", "drafts_b", "x_c"]),
        ("/b.md", ["a", "drafts_b", "x_c"]),
        ("?.md", ["x_c"]),
    ])
    func filesAreExcluded(pattern: String, left: [String]) throws {
        #expect(try names(["a.md", "drafts/b.md", "x/c.txt"], "exclude: ['\(pattern)']\n") == left)
    }

    @Test func patternsOfManyWildcardsAreQuick() {
        let pattern = FilePattern(String(repeating: "*a", count: 60) + "b")
        #expect(!pattern.matches(PatternSubject(path: String(repeating: "a", count: 250))))
        let deep = PatternSubject(path: String(repeating: "a/", count: 1_000) + "a")
        #expect(!FilePattern("**/" + pattern.text).matches(deep))
    }

    @Test func patternsGiveSettings() throws {
        let folder = try JobFolder([
            "prompts/workers/cost.md": "---\ntags: {own: file, team: file}\n---\n{x}",
            "prompts/workers/quality.md": "{x}",
            "prompts/lead.md": "{{x}}", "prompts/other.md": "{{x}}",
        ])
        let job = try folder.load(
            head + """
                prompts:
                  "workers/*": {tags: {team: platform, kind: worker}, syntax: python}
                  workers_c*: {tags: {team: money}, description: Cost}
                  lead: {file: lead.md}
                  q: {file: ./workers/quality.md, tags: {team: own}}
                """)
        let state = try #require(job.state)
        #expect(state.prompts.map(\.name) == ["lead", "q", "workers_cost"])
        #expect(state.prompts.map(\.specLine) == [7, 8, 6])
        #expect(
            state.prompts.map(\.tags) == [
                [:], ["team": "own", "kind": "worker"], ["team": "money", "kind": "worker", "own": "file"],
            ])
        #expect(state.prompts.map(\.template.text) == ["{{x}}", "{{x}}", "{{x}}"])
        #expect(state.prompts[2].description == "Cost")
        #expect(job.findings == ["passed-over@3:14"])
    }

    @Test(arguments: [
        ("  'wrkers/*': {tags: {a: b}}\n  a: {file: a.md}\n", ["unused-pattern@5:3"]),
        ("  'wrkers/*': {}\n", ["no-prompts@4:1", "unused-pattern@5:3"]),
        ("  'work*': {file: a.md}\n", ["unknown-key@5:13"]), ("  'work*': [a]\n", ["wrong-type@5:12"]),
        ("  'work*': {tgs: {}}\n", ["unknown-key@5:13"]), ("  workers/a: {file: a.md}\n", ["bad-name@5:3"]),
        ("  'work*': {tags: {a: 1.5}}\n", ["wrong-type@5:23"]),
        ("  'work*': {response_format: gone.json}\n", ["bad-response-format@5:30"]),
    ])
    func patternsAreChecked(prompts: String, findings: [String]) throws {
        let job = try folder(["a.md", "workers/b.md", "workers/c.md"]).load(head + "prompts:\n" + prompts)
        #expect(job.findings.filter { !$0.hasPrefix("passed-over") }.sorted() == findings)
        if findings[0].hasPrefix("unused") {
            #expect(job.diagnostics.diagnostics.contains { $0.help == "did you mean 'workers/*'?" })
        }
    }

    @Test func theRulesOfUnityCatalogAreChecked() throws {
        let folder = try folder(["a.md", "x/b.md"])
        func findings(_ spec: String, _ environment: [String: String] = [:]) throws -> [String] {
            try folder.write(Data((head + spec).utf8), to: "jobs/job.yaml")
            return LoadedJob(
                path: folder.path("jobs/job.yaml"), inputs: JobInputs(environment: environment),
                checksRegistryRules: true
            ).findings
        }
        let names = "catalog: c\nschema: s\nprompts: {a.b: {file: a.md, tags: {x-y: z, ok: z}}}\n"
        let targets = "targets: {dev: {default: true, registry: 'file:x'}, prod: {registry: databricks-uc}}\n"
        #expect(try findings(names).isEmpty)
        #expect(try findings(names + targets).isEmpty)
        #expect(
            try findings(names + targets, ["PROMPTREG_TARGET": "prod"]) == [
                "unity-catalog@6:11", "unity-catalog@6:36",
            ])
        #expect(
            try findings(names, ["MLFLOW_REGISTRY_URI": "databricks-uc"]) == [
                "unity-catalog@6:11", "unity-catalog@6:36",
            ])
        #expect(try findings("registry: databricks-uc://p\n") == ["unity-catalog@4:11"])
        #expect(try findings("registry: databricks-uc\ncatalog: c\n") == ["half-a-name@5:10"])
        let separated = "registry: databricks-uc\ncatalog: c\nschema: s\nname_separator: .\n"
        #expect(try findings(separated) == ["unity-catalog@3:14"])
        #expect(
            try findings(separated.replacing("name_separator", with: "name_prefix")) == ["unity-catalog@7:14"]
        )
    }
}
