import FoundationEssentials
import Prompts
import RegistryFixtures
import Support
import Testing

@Suite struct PromptLockTests {
    private func content(
        _ template: String, _ kind: PromptContent.Kind = .text, _ config: String? = nil
    ) -> PromptContent { PromptContent(kind: kind, template: template, modelConfig: config) }

    @Test func equalContentHasOneDigestHoweverItIsSpelled() {
        let one = content(#"[{"role": "user", "content": "x"}]"#, .chat, #"{"a": 0.20, "b": [1e3]}"#)
        let other = content(#"[{"content":"x","role":"user"}]"#, .chat, #"{"b":[1000.0],"a":2e-1}"#)
        #expect(one.differences(from: other).isEmpty && one.hash == other.hash)
    }

    @Test func everyDifferenceChangesTheDigest() {
        let contents = [
            content("x"), content("x\n"), content("\"x\""), content("x", .chat), content("x", .text, "{}"),
            content("x", .text, #"{"a": 1}"#), content("x", .text, #"{"a": 10}"#),
            content("x", .text, #"{"a": "1"}"#), content("e\u{301}"), content("\u{e9}"),
            PromptContent(kind: .text, template: "x", responseFormat: "{}"),
        ]
        #expect(Set(contents.map(\.hash)).count == contents.count)
    }

    private func lock(_ changes: (inout LockedPrompt) -> Void = { _ in }) -> PromptLock {
        var prompt = LockedPrompt(
            name: "a", fullName: "c.s.prompt_a", number: 3, content: content("x"), commit: nil, isDirty: nil)
        changes(&prompt)
        return PromptLock(job: "j", target: nil, registry: RegistryLocation("file:x"), prompts: [prompt])
    }

    @Test(arguments: ["a", "prompt_a", "c.s.prompt_a", "a@production", "a@latest", "a/3"])
    func aNameLeadsToTheLockedVersion(address: String) throws {
        #expect(try lock().prompt(for: PromptURI(address), in: "f")?.version == 3)
    }

    @Test func anotherVersionIsNotTheLocksToSay() throws {
        #expect(try lock().prompt(for: PromptURI("a/2"), in: "f") == nil)
        #expect(throws: RegistryError.self) { try lock().prompt(for: PromptURI("b@production"), in: "f") }
    }

    @Test func whatCannotBeSoIsTold() {
        #expect(lock().contradiction == nil)
        #expect(lock { $0.uri = "prompts:/c.s.prompt_a/4" }.contradiction != nil)
        #expect(lock { $0.fullName = "../x" }.contradiction != nil)
        #expect(lock { $0.name = "b" }.contradiction != nil && lock { $0.name = "" }.contradiction != nil)
        for path in ["/etc/passwd", "../x", "prompts/../../x"] {
            let bundle = LockedPrompt.Bundle(kind: .text, file: path)
            #expect(lock { $0.bundle = bundle }.contradiction != nil)
        }
        var twice = lock()
        twice.prompts += twice.prompts
        #expect(twice.contradiction != nil)
    }

    @Test func aBundleGivesBackWhatWasLockedAndNothingElse() throws {
        let version = content("x", .text, #"{"temperature": 0.20}"#)
        var locked = LockedPrompt(
            name: "a", fullName: "c.s.a", number: 3, content: version, commit: "1f", isDirty: true)
        let files = locked.bundle(version)
        let texts = [files.template.path: files.template.text, files.settings?.path: files.settings?.text]
        let read = { (path: String) throws(RegistryError) in texts[path].flatMap(\.self) ?? "" }
        #expect(try locked.bundledVersion(read)?.content.differences(from: version) == [])
        locked.contentHash = content("y").hash
        #expect(throws: RegistryError.self) { try locked.bundledVersion(read) }
    }
}
