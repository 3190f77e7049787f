package import Diagnostics

/// A variable of a template.
package struct TemplateVariable: Hashable, Sendable {
    /// The name; in MLflow's form it may have dots.
    package var name: String
    /// Where the template uses it first.
    package var location: SourceLocation
    /// Whether the template itself sets it on some path (Jinja2's `set` in an `if`), so that it can be left out.
    package var isOptional: Bool
}

/// What was found in a template.
package struct TemplateAnalysis: Sendable {
    /// The syntax that it was read in.
    package let syntax: TemplateSyntax
    /// The texts to register, one for each part: converted for `python`, otherwise unchanged.
    package private(set) var registered: [String] = []
    /// The variables, each once, in order of appearance.
    package private(set) var variables: [TemplateVariable] = []
    /// What is wrong or doubtful.
    package private(set) var diagnostics: [Diagnostic] = []
    /// Whether everything was read; false after an error that hides what follows it.
    private(set) var isComplete = true

    init(syntax: TemplateSyntax) { self.syntax = syntax }

    /// Adds what was found in one part.
    mutating func add(_ part: PartAnalysis, of text: TemplateText, _ source: Source) {
        registered.append(part.registered)
        isComplete = isComplete && part.isComplete
        addVariables(part.variables, of: text, source)
        var places = PlaceFinder(source, of: text)
        for finding in part.findings.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            var diagnostic = finding.diagnostic
            diagnostic.location = places.place(at: finding.range.lowerBound)
            diagnostic.length = max(1, source.bytes[finding.range].count { !$0.isUTF8Continuation })
            diagnostics.append(diagnostic)
        }
    }

    /// Adds the variables of a text that is registered as it is.
    mutating func addVariables(ofVerbatim text: TemplateText) {
        let source = Source(text.text)
        let found = source.mustacheMatches().map {
            FoundName(name: source.text($0.name), offset: $0.name.lowerBound)
        }
        addVariables(found, of: text, source)
    }

    private mutating func addVariables(_ found: [FoundName], of text: TemplateText, _ source: Source) {
        var known: [String: Int] = [:]
        for (index, variable) in variables.enumerated() { known[variable.name] = index }
        var places = PlaceFinder(source, of: text)
        for variable in found.sorted(by: { $0.offset < $1.offset }) {
            if let index = known[variable.name] {
                if !variable.isOptional { variables[index].isOptional = false }
                continue
            }
            known[variable.name] = variables.count
            variables.append(
                TemplateVariable(
                    name: variable.name, location: places.place(at: variable.offset),
                    isOptional: variable.isOptional))
        }
    }
}

/// What was found in one text, by offset.
struct PartAnalysis {
    var registered: String
    var variables: [FoundName] = []
    var findings: [Finding] = []
    var isComplete = true

    /// Takes the variables and the findings of Jinja2, by which MLflow fills the text in though it is written otherwise.
    mutating func take(_ jinja: PartAnalysis) {
        variables = jinja.variables
        let hasErrors = takeErrors(jinja)
        findings += jinja.findings.filter { $0.diagnostic.severity != .error }
        // The errors say so, too.
        if hasErrors { findings.removeAll { $0.diagnostic.code == .rendersAsJinja } }
    }

    /// Takes the errors of Jinja2, which say why it matters; returns whether there are any.
    @discardableResult mutating func takeErrors(_ jinja: PartAnalysis) -> Bool {
        isComplete = isComplete && jinja.isComplete
        let errors = jinja.findings.filter { $0.diagnostic.severity == .error }
        findings += errors.map { finding in
            var finding = finding
            let reason = "MLflow renders a text that has '{%' and '%}' with Jinja2"
            finding.diagnostic.help = finding.diagnostic.help.map { "\($0) (\(reason))" } ?? reason
            return finding
        }
        return !errors.isEmpty
    }
}

/// A variable's name and the offset of its use.
struct FoundName {
    var name: String
    var offset: Int
    var isOptional = false

    var range: Range<Int> { offset..<(offset + name.utf8.count) }
}

/// A diagnostic whose place is still an offset.
struct Finding {
    var diagnostic: Diagnostic
    var range: Range<Int>

    static func error(
        _ code: Diagnostic.Code, _ message: String, at range: Range<Int>, help: String? = nil
    ) -> Finding {
        Finding(diagnostic: .error(code, message, at: nil, help: help), range: range)
    }

    static func warning(
        _ code: Diagnostic.Code, _ message: String, at range: Range<Int>, help: String? = nil
    ) -> Finding {
        Finding(diagnostic: .warning(code, message, at: nil, help: help), range: range)
    }
}
