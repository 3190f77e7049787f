import Testing

@testable import Prompts

@Suite struct QualifiedNameTests {
    @Test(
        arguments: [
            ("main.agent.prompt_cost", "main.agent", "prompt_cost", true), ("p", nil, "p", false),
            ("a.p", nil, "a.p", false), ("a.b.c.d", "a.b", "c.d", false), ("..p", ".", "p", false),
            ("a.b.", "a.b", "", false), ("", nil, "", false),
        ] as [(String, String?, String, Bool)])
    func namesAreSplitAndJoined(full: String, schema: String?, name: String, hasThreeLevels: Bool) {
        let qualified = QualifiedName(full)
        #expect(qualified.schema?.description == schema && qualified.name == name)
        #expect(qualified.description == full && qualified.hasThreeLevels == hasThreeLevels)
    }

    @Test(arguments: [
        ("main.agnt.prompt_greet", "main.agent.prompt_greet"),
        ("mian.agent.greet", "main.agent.prompt_greet"),
        ("main.agent.prompt_gret", "main.agent.prompt_greet"),
        ("main.agnt.prompt_gret", "main.agent.prompt_greet"),
        ("greet", "main.agent.prompt_greet"), ("main.quite_another.greet", nil), ("main.agent.answer", nil),
    ])
    func theNearestNameMayBeInAnotherSchema(name: String, near: String?) {
        let names = ["main.agent.prompt_greet", "main.agent.prompt_route", "prod.other.greet"]
        #expect(QualifiedName(name).nearest(in: names) == near)
    }
}

@Suite struct NameRulesTests {
    @Test(arguments: ["main", "_a", "a-1"])
    func goodLevels(name: String) { #expect(NameRules.problem(withLevel: name) == nil) }

    @Test(arguments: ["", "a.b", "-a", "../x", "a b", "é"])
    func badLevels(name: String) { #expect(NameRules.problem(withLevel: name) != nil) }

    @Test(arguments: ["team", "cost.center", "a b", "a-b", "mlflowish"])
    func goodTagKeysOfJobs(key: String) { #expect(NameRules.problem(withJobTagKey: key) == nil) }

    @Test(arguments: ["", " a", "a.", "a/b", "mlflow.x", "_mlflow_x", "promptreg_x", "é"])
    func badTagKeysOfJobs(key: String) { #expect(NameRules.problem(withJobTagKey: key) != nil) }

    @Test(arguments: ["a.b", "p", "a.b.c.d", "a..c"])
    func unityCatalogRequiresThreeLevels(name: String) {
        #expect(NameRules.problem(withName: name) == nil)
        #expect(NameRules.unityCatalogProblem(withName: name) != nil)
    }

    @Test func messagesNameTheRule() {
        let rule = "a catalog or schema can contain only letters, digits, '_' and '-'"
        #expect(NameRules.problem(withLevel: "a.b") == rule)
        #expect(
            NameRules.problem(withLevel: "-a")
                == "a catalog or schema must start with a letter, a digit or '_'")
    }
}
