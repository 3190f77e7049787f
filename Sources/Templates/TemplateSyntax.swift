import Diagnostics

/// How a template file writes its variables.
package enum TemplateSyntax: String, CaseIterable, Sendable {
    /// `{{name}}`, MLflow's own form.
    case mustache
    /// `{name}`, as `str.format` reads it; converted to MLflow's form.
    case python
    /// Jinja2, which MLflow renders when the text has a `{% … %}`.
    case jinja2
    /// Plain text: no variables, no checks.
    case none
}

extension TemplateSyntax {
    /// Analyzes a registered prompt in the syntax that MLflow renders it in: Jinja2 when one of its texts has a
    /// `{%` and a `%}`, else MLflow's own form. Wherever a registered prompt's variables are named, they are these.
    ///
    /// - Parameters:
    ///   - texts: The text; of a chat prompt, the content of each message.
    ///   - others: The other texts of a chat prompt, in which MLflow sees variables, too.
    /// - Returns: The analysis; its places are in no file.
    package static func analyze(registered texts: [String], others: [String] = []) -> TemplateAnalysis {
        let rendersAsJinja = texts.contains { Source($0).looksLikeJinja }
        let syntax: TemplateSyntax = rendersAsJinja ? .jinja2 : .mustache
        func placeless(_ texts: [String]) -> [TemplateText] {
            texts.map { TemplateText($0, start: SourceLocation(file: "")) }
        }
        return syntax.analyze(placeless(texts), others: placeless(others))
    }

    /// Finds a template's variables and what is wrong with it, and the text to register.
    ///
    /// One message of a chat prompt can make MLflow render all of them with Jinja2, so the messages are analyzed
    /// together.
    ///
    /// - Parameters:
    ///   - parts: The template's text; of a chat prompt, the content of each message.
    ///   - others: The texts of a chat prompt that are registered as they are; MLflow sees the variables in them.
    /// - Returns: The analysis, with one registered text for each part.
    package func analyze(_ parts: [TemplateText], others: [TemplateText] = []) -> TemplateAnalysis {
        let sources = parts.map { Source($0.text) }
        let rendersAsJinja = zip(parts, sources).contains { $0.decidesSyntax && $1.looksLikeJinja }
        var result = TemplateAnalysis(syntax: self)
        for (part, source) in zip(parts, sources) {
            var found = analyze(source, rendersAsJinja: rendersAsJinja)
            if self != .none {
                found.findings += FormatParameters.findings(found.variables, rendersAsJinja: rendersAsJinja)
            }
            result.add(found, of: part, source)
        }
        // Jinja2 sees the contents only.
        if self != .none, !rendersAsJinja { for other in others { result.addVariables(ofVerbatim: other) } }
        return result
    }

    private func analyze(_ source: Source, rendersAsJinja: Bool) -> PartAnalysis {
        switch self {
        case .python: return source.analyzePython()
        case .jinja2: return source.analyzeJinja(rendersAsJinja: rendersAsJinja)
        case .mustache:
            var found = source.analyzeMustache(rendersAsJinja: rendersAsJinja)
            if rendersAsJinja { found.take(source.analyzeJinja(rendersAsJinja: true)) }
            return found
        case .none:
            // It is not looked at, but MLflow fails on what Jinja2 does not accept.
            var found = PartAnalysis(registered: String(decoding: source.bytes, as: UTF8.self))
            if rendersAsJinja { found.takeErrors(source.analyzeJinja(rendersAsJinja: true)) }
            return found
        }
    }
}
