import Diagnostics
import Testing

@testable import Templates

@Suite struct ContractTests {
    /// The findings of a contract whose names stand in one line of the job.
    private func check(_ text: String, _ syntax: TemplateSyntax, declares names: [String]) -> [Diagnostic] {
        let declared = names.enumerated().map { index, name in
            DeclaredVariable(
                name: name, location: SourceLocation(file: "job.yaml", line: 7, column: 10 + 10 * index))
        }
        return syntax.analyze(text).check(contract: declared)
    }

    private func lines(_ diagnostics: [Diagnostic]) -> [String] {
        diagnostics.map { "\($0.location?.file ?? "-"):\(summary($0))" }
    }

    @Test(arguments: [TemplateSyntax.mustache, .jinja2])
    func aKeptContractIsSilent(syntax: TemplateSyntax) {
        #expect(check("{{query}} {{ data }} {{query}}", syntax, declares: ["data", "query"]) == [])
        #expect(check("no variables", syntax, declares: []) == [])
    }

    @Test func whatIsMissingOnEitherSideIsAnErrorAtItsPlace() {
        let found = check("{{query}}\n {{context}}", .mustache, declares: ["query", "data"])
        #expect(
            lines(found) == [
                "t.md:2:4+7 error undeclared-variable", "job.yaml:7:20+4 error unused-variable",
            ])
        #expect(found[0].help == "add 'context' to the prompt's 'variables' in the job")
        #expect(found[1].help == nil)
    }

    @Test func nearNamesAreOfferedOnBothSides() {
        let found = check("{query}", .python, declares: ["querry"])
        #expect(
            lines(found) == ["t.md:1:2+5 error undeclared-variable", "job.yaml:7:10+6 error unused-variable"])
        #expect(found.map { $0.help ?? "" }.map { $0.contains("did you mean") } == [true, true])
    }

    @Test func dottedNamesAreWholeNames() {
        let found = check("{{user.name}}", .mustache, declares: ["user"])
        #expect(lines(found).count == 2)
        #expect(found[0].help?.contains("'user.name'") == true)
        #expect(check("{{ user.name }}{% if 1 %}{% endif %}", .jinja2, declares: ["user"]) == [])
    }

    @Test func aNameDeclaredTwiceIsAnErrorOnce() {
        #expect(
            lines(check("{{x}}", .mustache, declares: ["x", "x"]))
                == ["job.yaml:7:20+1 error duplicate-variable"])
    }

    @Test func plainTextHasNothingToDeclare() {
        #expect(
            lines(check("{{x}} {y}", .none, declares: ["x", "y"]))
                == ["job.yaml:7:10+1 error unused-variable", "job.yaml:7:20+1 error unused-variable"])
        #expect(check("{{x}} {y}", .none, declares: []) == [])
    }

    @Test func nothingIsUnusedInATemplateThatCouldNotBeRead() {
        #expect(check("{a} {", .python, declares: ["a", "b"]) == [])
        #expect(check("{% if a %}{{ b }}", .jinja2, declares: ["a", "b"]) == [])
        #expect(
            lines(check("{a!r}", .python, declares: ["b"]))
                == ["t.md:1:2+1 error undeclared-variable", "job.yaml:7:10+1 error unused-variable"])
    }

    @Test func whatATemplateSetsItselfMayBeLeftOut() {
        let text = "{% if a %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}"
        #expect(check(text, .jinja2, declares: ["a"]) == [])
        #expect(check(text, .jinja2, declares: ["a", "b"]) == [])
        let needed = "{% if a %}{% set b = 1 %}{% else %}{{ b }}{% endif %}"
        #expect(lines(check(needed, .jinja2, declares: ["a"])) == ["t.md:1:39+1 error undeclared-variable"])
    }
}
