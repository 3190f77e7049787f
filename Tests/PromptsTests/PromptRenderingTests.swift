import Diagnostics
import Prompts
import Templates
import Testing

@Suite struct PromptRenderingTests {
    private let x = [TemplateValue(name: "x", text: "\"1\"\n")]

    @Test func aTextIsRendered() {
        #expect(PromptRendering(of: "a {{ x }}", isChat: false, values: x).text == "a \"1\"\n")
        let failed = PromptRendering(
            of: "{{ x }} {{y}}", isChat: false, values: x,
            places: ["y": SourceLocation(file: "a.md", line: 3)])
        #expect(failed.text == nil)
        #expect(failed.diagnostics.map { $0.location?.line } == [3])
    }

    @Test func aChatIsRenderedByMessage() {
        let json =
            #"[{"role":"system","content":"\ud83d\ude00 {{x}}","name":"n"},{"content":"{\"a\": {{ x }}}","role":"user"}]"#
        #expect(
            PromptRendering(of: json, isChat: true, values: x).text
                == #"[{"role": "system", "content": "😀 \"1\"\n"}, {"role": "user", "content": "{\"a\": \"1\"\n}"}]"#
        )
        #expect(PromptRendering(of: "[]", isChat: true, values: []).text == "[]")
    }

    @Test(arguments: [
        "{{x}}", "{}", #"[{"role": "user"}]"#, #"[{"role": "user", "content": null}]"#,
        #"[{"role": "user", "content": [{"type": "text", "text": "{{x}}"}]}]"#, #"["{{x}}"]"#,
    ])
    func whatHoldsNoTextsIsRefused(json: String) {
        let rendering = PromptRendering(of: json, isChat: true, values: x)
        #expect(rendering.text == nil)
        #expect(rendering.diagnostics.map(\.code.rawValue) == ["not-messages"])
    }
}
