import Prompts
import Testing

@testable import Health

@Suite struct HealthCheckResultTests {
    @Test(arguments: [
        (
            ["main.agents.prompt_a", "main.agents.prompt_b"],
            HealthCheckScope.schema(catalog: "main", name: "agents")
        ),
        ([], .unknown), (["prompt_a"], .withoutSchema), (["main.prompt_a"], .withoutSchema),
        ([".agents.prompt_a"], .withoutSchema), (["main..prompt_a"], .withoutSchema),
        (["main.agents.prompt.a"], .withoutSchema),
    ])
    func theScopeIsThatOfThePrompts(names: [String], scope: HealthCheckScope) {
        #expect(HealthCheckScope(ofPrompts: names) == scope)
    }

    @Test func theHintOfAnErrorComesBeforeAnother() {
        let own = RegistryError(.unreachable, "gone", hint: "own")
        #expect(HealthCheckResult.fail(.reachability, own, hint: "other").hint == "own")
        let none = HealthCheckResult.fail(.reachability, RegistryError(.unreachable, "gone"), hint: "other")
        #expect(none.hint == "other" && none.code == .unreachable && none.status == .fail)
    }
}
