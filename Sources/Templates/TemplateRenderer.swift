package import Diagnostics
import Support

/// The value of a variable.
package struct TemplateValue: Hashable, Sendable {
    /// The variable's name.
    package var name: String
    /// What the variable is replaced with.
    package var text: String
    /// Where the name was given; nil when that was not in a file.
    package var location: SourceLocation?

    /// A value.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - text: What the variable is replaced with.
    ///   - location: Where the name was given; nil when that was not in a file.
    package init(name: String, text: String, location: SourceLocation? = nil) {
        self.name = name
        self.text = text
        self.location = location
    }
}

/// The result of rendering a template.
package struct RenderedTemplate: Hashable, Sendable {
    /// The texts, one for each part; nil when anything is wrong.
    package let texts: [String]?
    /// What is wrong, and a warning where MLflow may render something else.
    package let diagnostics: [Diagnostic]
}

/// Fills in a registered template as `PromptVersion.format` of MLflow 3.17 does.
package struct TemplateRenderer: Sendable {
    private let parts: [String]
    private let others: [String]

    /// A template.
    ///
    /// - Parameters:
    ///   - parts: The text as it is registered; of a chat prompt, the content of each message.
    ///   - others: Texts in which MLflow sees variables and fills none in: a chat prompt's roles.
    package init(_ parts: [String], others: [String] = []) {
        self.parts = parts
        self.others = others
    }

    /// Replaces each variable with its value. Variables within a value are left as they are.
    ///
    /// - Parameters:
    ///   - values: The values; no name occurs twice.
    ///   - places: Where the template uses the variables, for errors about those that have no value.
    /// - Returns: The texts, or an error for each variable without a value and each value without a variable.
    package func render(
        _ values: [TemplateValue], places: [String: SourceLocation] = [:]
    ) -> RenderedTemplate {
        let analysis = TemplateSyntax.analyze(registered: parts, others: others)
        if analysis.syntax == .jinja2 {
            return RenderedTemplate(texts: nil, diagnostics: [Self.isJinja])
        }
        let sources = parts.map { Source($0) }
        let check = ValueCheck(variables: analysis.variables.map(\.name), values: values)
        let errors = check.missing(places) + check.unknown
        guard errors.isEmpty else { return RenderedTemplate(texts: nil, diagnostics: errors) }
        var texts: [String: String] = [:]
        for value in values { texts[value.name] = value.text }
        let rendered = sources.map { $0.replacing(texts) }
        let isOrdered = zip(sources, rendered).contains { source, text in
            source.mlflowMayDiffer(from: text, values)
        }
        return RenderedTemplate(texts: rendered, diagnostics: isOrdered ? [Self.mayDiffer] : [])
    }

    private static let isJinja = Diagnostic.error(
        .notRendered,
        "MLflow renders a text that has '{%' and '%}' with Jinja2, which this program does not include",
        at: nil, help: "render it with MLflow: mlflow.genai.load_prompt(…).format(…)")

    private static let mayDiffer = Diagnostic.warning(
        .mayRenderOtherwise, "MLflow may render this differently, depending on the order of the values",
        at: nil,
        help:
            "it also fills in variables within earlier values, and a dot in a name matches any character there"
    )
}

/// Compares the names that a template uses with those that have values.
private struct ValueCheck {
    let variables: [String]
    let values: [TemplateValue]
    private let used: Set<String>
    private let given: Set<String>

    init(variables: [String], values: [TemplateValue]) {
        self.variables = variables
        self.values = values
        used = Set(variables)
        given = Set(values.map(\.name))
    }

    func missing(_ places: [String: SourceLocation]) -> [Diagnostic] {
        let unused = given.subtracting(used).sorted()
        var hints = NameHints()
        return variables.filter { !given.contains($0) }.map { name in
            let root = name.split(separator: ".").first.map(String.init)
            let near = hints.nearest(to: name, in: unused)
            let help =
                if let near {
                    "the value of '\(near)' has no variable: is it meant for this one?"
                } else if let root, root != name, given.contains(root) {
                    "MLflow's variables are whole names: give a value to '\(name)' itself"
                } else {
                    "pass --set \(name)=VALUE, or add it to the file of --values"
                }
            return .error(
                .missingValue, "the variable '\(name)' has no value", at: places[name],
                length: name.unicodeScalars.count, help: help)
        }
    }

    var unknown: [Diagnostic] {
        let known = variables.isEmpty ? "it has none" : "it has \(variables.listed(20))"
        var hints = NameHints()
        return values.filter { !used.contains($0.name) }.map { value in
            let near = hints.nearest(to: value.name, in: variables)
            return .error(
                .unknownValue, "the template has no variable '\(value.name)'", at: value.location,
                length: max(1, value.name.unicodeScalars.count),
                help: near.map { "did you mean '\($0)'?" } ?? known)
        }
    }
}

extension Source {
    /// The text with values in the place of its variables.
    fileprivate func replacing(_ values: [String: String]) -> String {
        var output: [UInt8] = []
        var start = 0
        for match in mustacheMatches() {
            output += bytes[start..<match.range.lowerBound]
            output += (values[text(match.name)] ?? text(match.range)).utf8
            start = match.range.upperBound
        }
        output += bytes[start...]
        return String(decoding: output, as: UTF8.self)
    }

    /// Whether MLflow, which replaces one name after another in the whole text, may render something else.
    fileprivate func mlflowMayDiffer(from rendered: String, _ values: [TemplateValue]) -> Bool {
        let result = Source(rendered)
        let given = Set(values.map(\.name))
        let hasMore = result.mustacheMatches().contains { given.contains(result.text($0.name)) }
        guard hasMore || given.contains(where: { $0.utf8.contains(UInt8(ascii: ".")) }) else { return false }
        // The caller chooses the order of the values, so every two of them are tried both ways round.
        return [values, values.reversed()].contains { values in
            mlflowFormat(values).bytes != result.bytes
        }
    }

    /// The text as `format_prompt` of MLflow 3.17 makes it.
    func mlflowFormat(_ values: [TemplateValue]) -> Source {
        values.reduce(self) { source, value in source.replacing(Array(value.name.utf8), with: value.text) }
    }

    /// The text with every match of `\{\{\s*NAME\s*\}\}` replaced, where a dot in the name matches any character.
    private func replacing(_ name: [UInt8], with value: String) -> Source {
        var output: [UInt8] = []
        var start = 0
        var next = 0
        while let open = offset(of: UInt8(ascii: "{"), from: next) {
            guard let end = variableEnd(at: open, name) else {
                next = open + 1
                continue
            }
            output += bytes[start..<open]
            output += value.utf8
            start = end
            next = end
        }
        if start == 0 { return self }
        return Source(bytes: output + bytes[start...])
    }

    private func variableEnd(at open: Int, _ name: [UInt8]) -> Int? {
        guard has("{{", at: open) else { return nil }
        var offset = skipSpaces(from: open + 2)
        for byte in name {
            if byte == UInt8(ascii: "."), offset < bytes.count, self[offset] != UInt8(ascii: "\n") {
                offset += 1
                while self[offset].isUTF8Continuation { offset += 1 }
            } else if self[offset] == byte {
                offset += 1
            } else {
                return nil
            }
        }
        offset = skipSpaces(from: offset)
        return has("}}", at: offset) ? offset + 2 : nil
    }
}
