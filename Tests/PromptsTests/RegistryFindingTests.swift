import Testing

@testable import Prompts

@Suite struct RegistryFindingTests {
    @Test(arguments: [
        (
            ["main.agents.prompt_a", "main.agents.prompt_b"],
            ExaminationScope.schema(catalog: "main", name: "agents")
        ),
        ([], .unknown), (["prompt_a"], .withoutSchema), (["main.prompt_a"], .withoutSchema),
        ([".agents.prompt_a"], .withoutSchema), (["main..prompt_a"], .withoutSchema),
        (["main.agents.prompt.a"], .withoutSchema),
    ])
    func theScopeIsThatOfThePrompts(names: [String], scope: ExaminationScope) {
        #expect(ExaminationScope(ofPrompts: names) == scope)
    }

    @Test func theHintOfAnErrorComesBeforeAnother() {
        let own = RegistryError(.unreachable, "gone", hint: "own")
        #expect(RegistryFinding.fail(.reachability, own, hint: "other").hint == "own")
        let none = RegistryFinding.fail(.reachability, RegistryError(.unreachable, "gone"), hint: "other")
        #expect(none.hint == "other" && none.code == .unreachable && none.status == .fail)
    }
}
