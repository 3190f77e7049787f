/// A registered text written for Python's `str.format`: formatting it gives what MLflow's `format` gives.
package struct PythonFormatText {
    /// The text.
    package let text: String
    /// Whether MLflow's `to_single_brace_format` gives a text that `str.format`, and LangChain with it, reads otherwise:
    /// it leaves the braces that are no variable's as they are.
    package let differsFromMLflows: Bool

    /// Why a text cannot be written so.
    package struct Problem: Error {
        /// The reason, as a sentence without its full stop.
        package let reason: String
    }

    /// Writes a text.
    ///
    /// - Parameters:
    ///   - registered: The text as it is registered.
    ///   - rendersAsJinja: Whether MLflow renders the prompt with Jinja2.
    /// - Throws: Why it cannot be written so.
    package init(_ registered: String, rendersAsJinja: Bool) throws(Problem) {
        if rendersAsJinja {
            throw Problem(reason: "MLflow renders it with Jinja2, which str.format has no form for")
        }
        let source = Source(registered)
        let variables = source.mustacheMatches()
        if let dotted = variables.lazy.map({ source.text($0.name) }).first(where: { $0.contains(".") }) {
            throw Problem(reason: "str.format looks up what follows the dot of '{{\(dotted)}}' in a value")
        }
        (text, differsFromMLflows) = source.pythonFormat(variables: variables)
    }

    /// Whether MLflow renders a prompt with Jinja2, for its texts or the contents of its messages.
    package static func rendersAsJinja(_ texts: [String]) -> Bool {
        texts.contains { Source($0).looksLikeJinja }
    }
}
