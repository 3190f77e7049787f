import Diagnostics

extension Source {
    /// Analyzes a Jinja2 template: its variables are those of `jinja2.meta.find_undeclared_variables`.
    ///
    /// - Parameter rendersAsJinja: Whether MLflow renders the prompt with Jinja2.
    /// - Returns: The variables, what Jinja2 does not accept, and a warning where MLflow would not use Jinja2.
    func analyzeJinja(rendersAsJinja: Bool) -> PartAnalysis {
        var result = PartAnalysis(registered: String(decoding: bytes, as: UTF8.self))
        let lexer = JinjaLexer(self)
        var reader = JinjaReader(self, lexer)
        do throws(JinjaError) {
            try reader.read()
            result.variables = reader.found.filter { !JinjaBuiltins.globals.contains($0.name) }
        } catch {
            result.findings = [.error(.jinjaSyntax, error.message, at: error.range, help: error.help)]
            result.isComplete = false
        }
        result.findings += reader.findings
        if result.isComplete, !rendersAsJinja, let place = firstBeyondSubstitution(lexer) {
            result.findings.append(
                .warning(
                    .notRenderedAsJinja,
                    "MLflow renders only a text that has '{%' and '%}' with Jinja2; this stays as text",
                    at: place,
                    help:
                        "put '{#- {% %} -#}' at the start of the template: MLflow looks for these characters")
            )
        }
        return result
    }

    /// The first thing that MLflow, when it only replaces `{{name}}`, does not treat as Jinja2 would.
    private func firstBeyondSubstitution(_ lexer: JinjaLexer) -> Range<Int>? {
        let plain = Set(
            mustacheMatches().filter { !bytes[$0.name].contains(UInt8(ascii: ".")) }.map(\.range.lowerBound))
        return lexer.tokens.lazy.map(\.range).first {
            ["{{", "{#"].contains(text($0)) && !plain.contains($0.lowerBound)
        }
    }
}
