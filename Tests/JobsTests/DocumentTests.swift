import Diagnostics
import Foundation
import Testing

@testable import Jobs

@Suite struct DocumentTests {
    private let head = "version: 1\njob: agent\nprompts_dir: ../prompts\nprompts:\n"

    private static let config = """
        shared: &shared {model: small}
        agents:
          planner:
            <<: *shared
            system: |
              Plan {{goal}}
              by {day}.

            few: [one two, "three {{x}}"]
            v1.2: Dotted {{z}}
            "it's": quoted
            limit: 12
          talk: !ours
            messages:
              - {role: system, content: Hi}
              - {role: user, content: "{{q}}"}
        """

    private func job(_ prompts: String, _ files: [String: String] = ["c.yml": config]) throws -> LoadedJob {
        try JobFolder(Dictionary(uniqueKeysWithValues: files.map { ("prompts/" + $0, $1) })).load(
            head + prompts)
    }

    @Test(arguments: [
        ("a.yml", "system: You are {{x}}\n---\nuser: Ask {{y}}\n", "registered-as-it-stands@1:1"),
        ("a.txt", #"[{"role": "user", "content": "hi"}]"#, "registered-as-it-stands@1:1"),
        ("a.json", #"[{"role": "user", "text": "hi {{x}}"}]"#, "bad-chat@1:2"),
    ])
    func whatIsNoPromptAsItStandsIsTold(file: String, text: String, finding: String) throws {
        let job = try JobFolder(["prompts/" + file: text]).load(
            "version: 1\njob: agent\nprompts_dir: ../prompts\nprompts: {a: {file: \(file)}}\n")
        #expect(job.findings.first == finding)
    }

    @Test(arguments: [
        ("agents.planner.system", "Plan {{goal}}\nby {day}."), ("agents.planner.few.1", "three {{x}}"),
        ("'agents.planner.\"v1.2\"'", "Dotted {{z}}"), ("\"agents.planner.'v1.2'\"", "Dotted {{z}}"),
        ("[agents, planner, v1.2]", "Dotted {{z}}"), ("[agents, planner, few, 0]", "one two"),
        ("agents.planner.it's", "quoted"),
        ("agents.talk", #"[{"role": "system", "content": "Hi"}, {"role": "user", "content": "{{q}}"}]"#),
        (
            "agents.talk.messages",
            #"[{"role": "system", "content": "Hi"}, {"role": "user", "content": "{{q}}"}]"#
        ),
    ])
    func aKeyNamesAPrompt(key: String, text: String) throws {
        let job = try job("  a: {file: c.yml, key: \(key)}\n")
        let prompt = try #require(job.state?.prompts.first)
        #expect(prompt.template.text == text)
        #expect(prompt.template.isChat == text.hasPrefix("["))
    }

    @Test func manyPromptsComeFromOneFile() throws {
        let job = try job(
            """
              a: {file: c.yml, key: agents.planner.system, syntax: python, variables: [day]}
              b: {file: c.yml, key: agents.talk, tags: {x: y}, variables: [q]}
            """)
        #expect(job.state?.prompts.map(\.template.text).first == "Plan {goal}\nby {{day}}.")
        #expect(job.findings == ["yaml-merge-key@4:5", "yaml-tag@13:9"])
        #expect(!job.diagnostics.hasErrors)
    }

    @Test func findingsPointIntoTheFile() throws {
        let job = try job("  a: {file: c.yml, key: agents.planner.system, variables: [goal, other]}\n")
        #expect(
            job.findings.filter { !$0.hasPrefix("yaml") } == ["unused-variable@5:66", "single-brace@7:10"])
    }

    @Test func aKeyThatIsThereTwiceLeadsToNoPrompt() throws {
        let twice = #"{"a": {"x": "one", "x": "two"}, "b": "three"}"#
        #expect(try job("  a: {file: c.json, key: a.x}\n", ["c.json": twice]).diagnostics.hasErrors)
        #expect(try job("  a: {file: c.yml, key: a.x}\n", ["c.yml": twice]).diagnostics.hasErrors)
        let other = try job("  b: {file: c.json, key: b}\n", ["c.json": twice])
        #expect(other.findings == ["duplicate-key@1:20"] && !other.diagnostics.hasErrors)
    }

    @Test func aKeyThatIsNoneIsToldOnce() throws {
        #expect(try job("  a: {file: c.yml, key: a..b}\n").findings == ["bad-name@5:25"])
    }

    @Test func jsonIsReadAsJSON() throws {
        let json =
            #"{"a": {"b": ["x", "\ud83d\ude00 {{h}}\n"]}, "c": [{"role": "user", "content": "\ud83d\ude00"}]}"#
        let job = try job("  a: {file: c.json, key: a.b.1}\n  c: {file: c.json, key: c}\n", ["c.json": json])
        #expect(
            job.state?.prompts.map(\.template.text) == ["😀 {{h}}", #"[{"role": "user", "content": "😀"}]"#])
    }

    @Test(arguments: [
        ("agents.plannr.system", "no-such-key@5:25", "did you mean 'agents.planner'?"),
        ("planner.system", "no-such-key@5:25", "did you mean 'agents.planner.system'?"),
        ("agents.planner.v1.2", "no-such-key@5:25", #"write agents.planner."v1.2""#),
        ("[agents, planner, x]", "no-such-key@5:43", "its keys are system, few, v1.2, it's, limit"),
        ("agents.planner.few.2", "no-such-key@5:25", "it is a list of 2; its items are numbered from 0"),
        ("agents.planner.limit.x", "no-such-key@5:25", "it is a number"),
        ("agents.planner.limit", "not-a-prompt@5:25", nil),
        (
            "agents.planner.few", "not-a-prompt@5:25",
            "name a text in it: agents.planner.few.0, agents.planner.few.1"
        ),
        ("a..b", "bad-name@5:25", nil), ("a.", "bad-name@5:25", nil), ("'\"a'", "bad-name@5:25", nil),
        ("''", "bad-name@5:25", nil), ("12", "wrong-type@5:25", nil), ("[]", "wrong-type@5:25", nil),
    ])
    func aKeyThatLeadsNowhereIsAnError(key: String, finding: String, help: String?) throws {
        let job = try job("  a: {file: c.yml, key: \(key)}\n")
        #expect(job.state == nil)
        let error = try #require(job.diagnostics.diagnostics.first { $0.severity == .error })
        #expect(
            "\(error.code.rawValue)@\(error.location?.line ?? 0):\(error.location?.column ?? 0)" == finding)
        if let help { #expect(error.help == help) }
    }

    @Test(arguments: [
        ("a.json", #"[{"role": "user", "content": "{{x}}"}]"#),
        ("a.yml", "- role: user\n  content: '{{x}}'\n"),
        ("a.yaml", "# A chat\nmessages:\n- {role: user, content: '{{x}}'}\n"),
        (
            "a.prompt.yml",
            "messages:\n- {role: user, content: '{{x}}'}\nmodel: m\ntemperature: 0\ndescription: D\n"
        ),
        ("a.chat.yaml", "format: chat\nmessages:\n- {role: user, content: '{{x}}'}\nmodel: m\n"),
        ("a.chat.json", #"{"messages": [{"role": "user", "content": "{{x}}"}], "type": "chat"}"#),
    ])
    func listsOfMessagesAreChats(file: String, text: String) throws {
        let job = try job("  a: {file: \(file)}\n", [file: text])
        let prompt = try #require(job.state?.prompts.first)
        #expect(prompt.template.isChat && prompt.template.variables == ["x"])
        #expect(prompt.template.text == #"[{"role": "user", "content": "{{x}}"}]"#)
        #expect(job.findings.isEmpty)
        #expect((prompt.modelConfig != nil) == text.contains("model: m"))
        #expect(prompt.description == (text.contains("description") ? "D" : nil))
    }

    @Test(arguments: [
        ("messages:\n- {role: user, content: x}\nmodle: m\n", "unknown-key@3:1", true),
        ("messages:\n- {role: user, content: x}\ntemperature: hot\n", "wrong-type@3:14", false),
        ("messages:\n- {role: user}\n", "bad-chat@2:3", false), ("messages: 12\n", "bad-chat@1:11", false),
        ("prompt: x\n", "bad-chat@1:1", false),
    ])
    func whatIsWrongWithAChatIsSaid(text: String, finding: String, isValid: Bool) throws {
        let job = try job("  a: {file: a.chat.yml}\n", ["a.chat.yml": text])
        #expect(job.findings == [finding])
        #expect((job.state != nil) == isValid)
    }

    @Test(arguments: [
        ("a.yml", "prompts:\n  system: Answer about {{x}}.\n", "key: prompts.system"),
        ("a.json", #"[{"text": "one two"}]"#, "key: 0.text"), ("a.yaml", "a.b: one two", #"key: "a.b""#),
        ("a.yml", "messages: none here\nx: 1\n", "key: messages"),
    ])
    func aContainerThatIsRegisteredAsItStandsGetsAWarning(file: String, text: String, key: String) throws {
        let warned = try job("  a: {file: \(file), syntax: none}\n", [file: text])
        #expect(warned.findings == ["registered-as-it-stands@1:1"])
        #expect(warned.diagnostics.diagnostics.first?.help?.contains(key) == true)
        #expect(
            warned.state?.prompts.first?.template.text
                == (text.hasSuffix("\n") ? String(text.dropLast()) : text))
        #expect(
            try job("  a: {file: \(file), syntax: none, front_matter: keep}\n", [file: text]).findings.isEmpty
        )
    }

    @Test(arguments: [
        ("a.yml", "Plain {{x}} text"), ("a.yml", "a: {{ x }}\n"), ("a.json", "{\"a\": 1}"),
        ("a.yml", "[1, 2]"),
    ])
    func otherFilesAreText(file: String, text: String) throws {
        let job = try job("  a: {file: \(file), syntax: none}\n", [file: text])
        #expect(job.findings.isEmpty && job.state?.prompts.first?.template.isChat == false)
    }

    @Test func keepRegistersAListOfMessagesAsItStands() throws {
        let text = #"[{"role": "user", "content": "{{x}}"}]"#
        let job = try job("  a: {file: a.json, front_matter: keep}\n", ["a.json": text])
        #expect(job.state?.prompts.first?.template.isChat == false && job.findings.isEmpty)
    }
}
