import Prompts
import Testing

@testable import Views

@Suite struct ContentDiffTests {
    private func text(_ template: String, config: String? = nil, format: String? = nil) -> PromptContent {
        PromptContent(kind: .text, template: template, modelConfig: config, responseFormat: format)
    }

    private func chat(_ messages: KeyValuePairs<String, String>) -> PromptContent {
        let items = messages.map { #"{"role": "\#($0)", "content": "\#($1)"}"# }
        return PromptContent(kind: .chat, template: "[\(items.joined(separator: ", "))]")
    }

    /// The parts as `old -> new` with the changed lines behind.
    private func shown(_ diff: ContentDiff) -> [String] {
        func name(_ subject: ContentDiff.Subject?) -> String {
            switch subject {
            case .template: "template"
            case .message(let number, let role): "\(number) \(role)"
            case .modelConfig: "model_config"
            case .toolOrder: "order"
            case .tool(let name): "tool \(name)"
            case .responseFormat: "response_format"
            case nil: "none"
            }
        }
        return diff.parts.map { part in
            let lines = part.hunks.flatMap(\.lines).compactMap { line -> String? in
                switch line {
                case .same: nil
                case .added(let text): "+" + text
                case .removed(let text): "-" + text
                case .omitted(let old, let new): "omitted \(old) \(new)"
                }
            }
            return ([name(part.old) + " -> " + name(part.new)] + lines).joined(separator: "|")
        }
    }

    @Test func equalContentsDifferInNothing() {
        let one = text("a {{x}}", config: #"{"a": 1, "b": 2.0}"#, format: "{}")
        let other = text("a {{x}}", config: #"{"b": 2, "a": 1}"#, format: "{ }")
        let diff = ContentDiff(from: one, to: other)
        #expect(diff.isEmpty && diff.parts == [] && diff.addedVariables == [] && diff.removedVariables == [])
        #expect(ContentDiff(from: chat(["user": "a"]), to: chat(["user": "a"])).isEmpty)
    }

    @Test func textsAreComparedByLineAndVariable() {
        let diff = ContentDiff(from: text("one\n{{a}} {{b}}\n"), to: text("one\n{{b}} {{c}}\n"))
        #expect(shown(diff) == ["template -> template|-{{a}} {{b}}|+{{b}} {{c}}"])
        #expect(
            diff.differences == [.template] && diff.addedVariables == ["c"] && diff.removedVariables == ["a"])
    }

    @Test func whatWasNotThereIsAddedWhole() {
        let diff = ContentDiff(from: nil, to: text("a\n{{x}}", config: #"{"t": 1}"#))
        #expect(
            shown(diff) == ["none -> template|+a|+{{x}}", #"none -> model_config|+{|+  "t": 1|+}"#])
        #expect(diff.parts[0].hunks[0].oldStart == 0 && diff.parts[0].hunks[0].oldCount == 0)
        #expect(diff.differences == [.template, .modelConfig] && diff.addedVariables == ["x"])
    }

    @Test func settingsAreComparedByLineWhateverTheirOrder() {
        let diff = ContentDiff(
            from: text(
                "a", config: #"{"top_p": 1, "temperature": 0.2, "stop": ["x"]}"#, format: #"{"a": 1}"#),
            to: text("a", config: #"{"temperature": 0.7, "stop": ["x"], "top_p": 1}"#))
        #expect(diff.differences == [.modelConfig, .responseFormat])
        #expect(
            shown(diff) == [
                #"model_config -> model_config|-  "temperature": 0.2,|+  "temperature": 0.7,"#,
                #"response_format -> none|-{|-  "a": 1|-}"#,
            ])
    }

    @Test func settingsThatAreNoJSONAreTexts() {
        let diff = ContentDiff(from: text("a", config: "{x"), to: text("a", config: "{y"))
        #expect(shown(diff) == [#"model_config -> model_config|-"{x"|+"{y""#])
    }

    @Test(
        arguments: [
            // A message changes; another stays.
            (["system": "s", "user": "a"], ["system": "s", "user": "b"], ["2 user -> 2 user|-a|+b"]),
            // A message more at the top leaves the others as they are.
            (["user": "a"], ["system": "s", "user": "a"], ["none -> 1 system|+s"]),
            (
                ["user": "a"], ["system": "s", "user": "b"],
                ["none -> 1 system|+s", "1 user -> 2 user|-a|+b"]
            ),
            // One less.
            (
                ["system": "s", "user": "a"], ["user": "b"],
                ["1 system -> none|-s", "2 user -> 1 user|-a|+b"]
            ),
            (["user": "a", "assistant": "b"], ["user": "a"], ["2 assistant -> none|-b"]),
            // A role changes, with its text and without.
            (["user": "a"], ["assistant": "a"], ["1 user -> 1 assistant"]),
            (["user": "a"], ["assistant": "b"], ["1 user -> 1 assistant|-a|+b"]),
            // Roles in another order, with one more.
            (
                ["system": "s", "user": "a"], ["user": "b", "assistant": "c", "user": "d"],
                [
                    "1 system -> none|-s", "2 user -> 1 user|-a|+b", "none -> 2 assistant|+c",
                    "none -> 3 user|+d",
                ]
            ),
            ([:], ["user": "a"], ["none -> 1 user|+a"]),
        ] as [(KeyValuePairs<String, String>, KeyValuePairs<String, String>, [String])])
    func chatsAreComparedByMessage(
        old: KeyValuePairs<String, String>, new: KeyValuePairs<String, String>, parts: [String]
    ) {
        let diff = ContentDiff(from: chat(old), to: chat(new))
        #expect(shown(diff) == parts && diff.differences == [.template])
    }

    @Test func functionsInAnotherOrderAreTold() {
        let tools = { (names: [String]) in
            let items = names.map { #"{"type": "function", "function": {"name": "\#($0)"}}"# }
            return self.text("a", config: #"{"tools": [\#(items.joined(separator: ", "))]}"#)
        }
        let diff = ContentDiff(from: tools(["x", "y"]), to: tools(["y", "x"]))
        #expect(shown(diff).count == 1 && shown(diff)[0].hasPrefix("order -> order|"))
        #expect(
            ToolChanges(from: tools(["x", "y"]), to: tools(["y", "x"])).descriptions == [
                "another order: y, x"
            ])
    }

    @Test func aMessageIsMoreThanItsText() {
        var (one, other) = (chat(["user": "a"]), chat(["user": "a"]))
        one.template = #"[{"role": "user", "content": [{"type": "text", "text": "a"}], "name": "x"}]"#
        other.template = #"[{"role": "user", "content": [{"text": "b", "type": "text"}], "name": "x"}]"#
        #expect(
            shown(ContentDiff(from: one, to: other)) == [
                #"1 user -> 1 user|-    "text": "a",|+    "text": "b","#
            ])
    }

    @Test func chatsThatAreNoneAreComparedAsTexts() {
        var one = chat(["user": "a"])
        one.template = "no JSON"
        #expect(
            shown(ContentDiff(from: one, to: chat(["user": "a"]))) == [
                "template -> template|-no JSON|+[user]|+a"
            ])
    }

    @Test func aTextThatBecomesAChatIsComparedWhole() {
        let diff = ContentDiff(from: text("a"), to: chat(["user": "a"]))
        #expect(diff.differences == [.kind, .template] && shown(diff) == ["template -> template|+[user]"])
    }

    @Test func longChatsAreNotSearchedForEver() {
        func long(_ count: Int, _ role: String) -> PromptContent {
            let items = (0..<count).map { #"{"role": "\#(role)", "content": "\#($0)"}"# }
            return PromptContent(kind: .chat, template: "[\(items.joined(separator: ","))]")
        }
        #expect(ContentDiff(from: long(3_000, "user"), to: long(3_000, "assistant")).parts.count == 1)
    }
}
