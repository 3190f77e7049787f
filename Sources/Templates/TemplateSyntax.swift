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
    /// - Parameter texts: The text; of a chat prompt, the content of each message.
    /// - Returns: The analysis; its places are in no file.
    package static func analyze(registered texts: [String]) -> TemplateAnalysis {
        let rendersAsJinja = texts.contains { Source($0).looksLikeJinja }
        let syntax: TemplateSyntax = rendersAsJinja ? .jinja2 : .mustache
        return syntax.analyze(texts.map { TemplateText($0, start: SourceLocation(file: "")) })
    }

    /// Finds a template's variables and what is wrong with it, and the text to register.
    ///
    /// One message of a chat prompt can make MLflow render all of them with Jinja2, so the messages are analyzed
    /// together.
    ///
    /// - Parameter parts: The template's text; of a chat prompt, the content of each message.
    /// - Returns: The analysis, with one registered text for each part.
    package func analyze(_ parts: [TemplateText]) -> TemplateAnalysis {
        let sources = parts.map { Source($0.text) }
        let rendersAsJinja = sources.contains { $0.looksLikeJinja }
        var result = TemplateAnalysis(syntax: self)
        for (part, source) in zip(parts, sources) {
            switch self {
            case .mustache:
                result.add(source.analyzeMustache(rendersAsJinja: rendersAsJinja), of: part, source)
            case .python:
                result.add(source.analyzePython(), of: part, source)
            case .jinja2:
                result.add(source.analyzeJinja(rendersAsJinja: rendersAsJinja), of: part, source)
            case .none:
                result.add(PartAnalysis(registered: part.text), of: part, source)
            }
        }
        return result
    }
}
