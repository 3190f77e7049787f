import Diagnostics
import Testing

@testable import Templates

/// Compares the variables and the verdicts with the Jinja2 that MLflow uses.
@Suite struct Jinja2GroundTruthTests {
    private struct Answer: Decodable {
        /// The undeclared variables; nil when Jinja2 refuses the template.
        var variables: [String]?
        var error: String?
    }

    private static let script = """
        from jinja2 import meta
        from jinja2.sandbox import SandboxedEnvironment
        environment = SandboxedEnvironment()
        answer = []
        for text in items:
            try:
                names = meta.find_undeclared_variables(environment.parse(text))
                answer.append({"variables": sorted(names)})
            except Exception as problem:
                answer.append({"error": type(problem).__name__ + ": " + str(problem)})
        """

    /// Compares every template.
    ///
    /// - Returns: How many Jinja2 accepts, and how many it alone refuses.
    private func compare(_ templates: [String]) throws -> (accepted: Int, passedOver: Int) {
        let answers: [Answer] = try GroundTruth.ask(Self.script, about: templates)
        try #require(answers.count == templates.count)
        var passedOver = 0
        for (template, answer) in zip(templates, answers) {
            let analysis = TemplateSyntax.jinja2.analyze(template)
            // What Jinja2 reads, and MLflow cannot fill in all the same.
            let others: Set<Diagnostic.Code> = [.jinjaLoader, .jinjaSandbox, .reservedVariable]
            let found = analysis.diagnostics.filter { $0.severity == .error && !others.contains($0.code) }
                .map(\.message)
            let about = Comment(rawValue: "\(template.debugDescription): \(answer.error ?? "") \(found)")
            guard let variables = answer.variables else {
                if found.isEmpty { passedOver += 1 }
                continue
            }
            #expect(found.isEmpty, about)
            #expect(Set(analysis.names) == Set(variables), about)
        }
        return (answers.count { $0.variables != nil }, passedOver)
    }

    @Test func knownTemplates() throws {
        #expect(try compare(Jinja2Samples.templates).passedOver == 0)
        #expect(Jinja2Samples.templates.count > 120)
        let passedOver = Jinja2Samples.passedOver
        #expect(try compare(passedOver) == (accepted: 0, passedOver: passedOver.count))
    }

    @Test(arguments: [1, 2]) func generatedTemplates(seed: UInt64) throws {
        var writer = Jinja2Writer(seed: seed)
        let templates = (0..<400).map { _ in writer.template() }
        let (accepted, passedOver) = try compare(templates)
        #expect(accepted > 200)
        #expect(passedOver < 5)
    }

    @Test(arguments: [5, 6]) func piecesInAnyOrder(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "{{ ", " }}", "{% if ", "{% endif %}", "{% set ", "{% for ", " in ", "{% endfor %}", "{% else %}",
            " %}", " %}", " %}",
            "a", "b", " c", "1", "1.5", "'s'", "(", ")", "[", "]", "{", "}", ",", ".", ":", "|upper",
            " is defined", " is ",
            " not ", " and ", " if ", " else ", "-", "+", "*", "**", "=", "==", "~", "{{- ", " -}}", "{%- ",
            " -%}", "{#", "#}",
            "loop", "true", "none", "x", "é", "\n", " ", "{% raw %}", "{% endraw %}", "{% set x %}",
            "{% endset %}", "\"", "0x1f",
            "1e3", "%", "/", "//", "<", ">=", "!", "recursive", "{{ a }}", "{% with a=", "{% endwith %}",
            "{% macro m(",
            "{% endmacro %}",
        ]
        let templates = (0..<2500).map { _ in generator.soup(of: pieces, length: 1...9) }
        let (accepted, passedOver) = try compare(templates)
        #expect(accepted > 300)
        #expect(passedOver < 5)
    }

    @Test func namesThatJinja2Provides() throws {
        let names: [String: Set<String>] = try GroundTruth.ask(
            """
            from jinja2 import defaults
            answer = {
                "globals": sorted(defaults.DEFAULT_NAMESPACE), "filters": sorted(defaults.DEFAULT_FILTERS),
                "tests": sorted(defaults.DEFAULT_TESTS),
            }
            """, about: [String]())
        #expect(names["globals"] == JinjaBuiltins.globals)
        #expect(names["filters"] == JinjaBuiltins.filters)
        #expect(names["tests"] == JinjaBuiltins.tests)
    }

    @Test func renderingTreatsWhatWasFoundAsFound() throws {
        let templates = ["{{ x | upper }}", "{#- {% %} -#}{{ x | upper }}", "{% include 'a' %}"]
        let rendered: [String] = try GroundTruth.ask(
            """
            import logging, os
            os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
            from mlflow.entities.model_registry.prompt_version import PromptVersion
            answer = []
            for text in items:
                try:
                    answer.append(PromptVersion("p", 1, text).format(allow_partial=False, x="a"))
                except Exception as problem:
                    answer.append(type(problem).__name__)
            """, about: templates)
        #expect(rendered == ["{{ x | upper }}", "A", "TypeError"])
    }
}
