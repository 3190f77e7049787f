import Diagnostics
import Foundation
import Prompts
import Testing

@testable import Jobs

@Suite("Versions that were pulled") struct PulledVersionsTests {
    let folder: JobFolder
    let spec = "version: 1\njob: pulled\nprompts_dir: ../prompts\nprompts:\n  a: {file: a.md}\n"

    init() throws { folder = try JobFolder(["prompts/a.md": "Hello\n"]) }

    private func load(_ note: String) throws -> LoadedJob {
        try folder.write(Data(note.utf8), to: "jobs/job.pulled.json")
        return try folder.load(spec)
    }

    private func version(_ number: Int, _ text: String, tags: [String: String] = [:]) -> PromptVersion {
        PromptVersion(number: number, content: PromptContent(kind: .text, template: text), tags: tags)
    }

    private func note(_ versions: [PulledVersions.Version]) -> String {
        PulledVersions(beside: folder.path("jobs/job.yaml")).file(adding: versions)?.new ?? ""
    }

    @Test func theFileIsNamedAfterTheSpec() {
        let names = ["jobs/on_call.yaml", "on_call.yml", "a.b/job", "/job.prod.yaml"]
        #expect(
            names.map { PulledVersions.path(beside: $0) } == [
                "jobs/on_call.pulled.json", "on_call.pulled.json", "a.b/job.pulled.json",
                "/job.prod.pulled.json",
            ])
    }

    @Test func justTheVersionThatWasPulledIsKnown() throws {
        let state = try #require(
            try load(note([.init(version(3, "theirs"), of: "prompt_a", target: nil)])).state)
        let prompt = state.prompts[0]
        #expect(state.hasPulled(version(3, "theirs"), of: prompt))
        #expect(!state.hasPulled(version(4, "theirs"), of: prompt))
        #expect(!state.hasPulled(version(3, "newer"), of: prompt))
        var other = state
        other.target = "prod"
        #expect(!other.hasPulled(version(3, "theirs"), of: prompt))
        var renamed = prompt
        renamed.fullName = "prompt_b"
        #expect(!state.hasPulled(version(3, "theirs"), of: renamed))
        // After 'moved', the version says where it came from, and may have another number.
        let moved = version(1, "theirs", tags: [ProvenanceTag.movedFrom: "prompt_a/3"])
        #expect(state.hasPulled(moved, of: renamed))
        #expect(state.files == [state.specPath, folder.path("jobs/job.pulled.json"), prompt.template.path])
    }

    @Test func eachPromptAndTargetHasOneVersionAndWhatIsThereStays() throws {
        let first = note([
            .init(version(3, "a"), of: "prompt_a", target: nil),
            .init(version(7, "b"), of: "prompt_b", target: "prod"),
        ])
        let pulled = try #require(try load(first).state).pulled
        #expect(pulled.file(adding: [.init(version(3, "a"), of: "prompt_a", target: nil)]) == nil)
        #expect(pulled.file(adding: []) == nil)
        let second = try #require(
            pulled.file(adding: [
                .init(version(4, "c"), of: "prompt_a", target: nil),
                .init(version(1, "c"), of: "prompt_b", target: "staging"),
            ]))
        #expect(second.old == first)
        let versions = try #require(try load(second.new).state).pulled.versions
        #expect(
            versions.map { "\($0.prompt) \($0.target ?? "-") \($0.number)" } == [
                "prompt_a - 4", "prompt_b prod 7", "prompt_b staging 1",
            ])
    }

    @Test(arguments: [
        ("{\n<<<<<<< HEAD\n \"schema_version\": 1,\n=======\n", "yaml-syntax@3:18"), ("", "wrong-type@1:1"),
        ("[]", "wrong-type@1:1"),
        ("{\"schema_version\": 2, \"prompts\": []}", "bad-value@1:20"),
        (
            "{\"schema_version\": 1,\n \"prompts\": [{\"name\": \"a\", \"version\": 0, \"content_hash\": 1}]}",
            "bad-value@2:39 wrong-type@2:58"
        ),
        ("{\"schema_version\": 1, \"prompts\": {}}", "wrong-type@1:34"),
        ("\u{0}", "unreadable@1:1"),
    ])
    func whatIsNoSuchFileIsAnErrorWithItsPlace(text: String, found: String) throws {
        let job = try load(text)
        #expect(job.state == nil)
        #expect(job.findings.joined(separator: " ") == found)
        #expect(job.diagnostics.sorted.allSatisfy { $0.help == "pull wrote it: delete it, and pull again" })
        #expect(job.diagnostics.sorted.allSatisfy { $0.location?.file.hasSuffix("job.pulled.json") == true })
    }

    @Test func aLinkIsNotFollowed() throws {
        try folder.write(Data(note([]).utf8), to: "elsewhere.json")
        try folder.write(Data(), to: "jobs/keep")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("jobs/job.pulled.json"), withDestinationPath: folder.path("elsewhere.json"))
        let job = try folder.load(spec)
        #expect(job.diagnostics.sorted.map(\.message).first?.hasSuffix("is a symbolic link") == true)
    }
}
