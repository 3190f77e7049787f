package import Diagnostics

extension Diagnostic.Code {
    /// `{name}` in a mustache template, which is plain text to MLflow.
    package static let singleBrace = Self(rawValue: "single-brace")
    /// `{{{name}}}` in a mustache template, which MLflow fills in as the value in braces.
    package static let tripleBrace = Self(rawValue: "triple-brace")
    /// `{{ … }}` that is not a variable to MLflow.
    package static let notAVariable = Self(rawValue: "not-a-variable")
    /// `{{` without `}}`.
    package static let unclosedVariable = Self(rawValue: "unclosed-variable")
    /// A mustache template that MLflow renders with Jinja2.
    package static let rendersAsJinja = Self(rawValue: "renders-as-jinja2")
    /// A Jinja2 template that MLflow does not render with Jinja2.
    package static let notRenderedAsJinja = Self(rawValue: "not-rendered-as-jinja2")

    /// `{x!r}`.
    package static let formatConversion = Self(rawValue: "format-conversion")
    /// `{x:>10}`.
    package static let formatSpec = Self(rawValue: "format-spec")
    /// `{x.y}` or `{x[0]}`.
    package static let formatAccess = Self(rawValue: "format-access")
    /// `{}` or `{0}`.
    package static let formatPositional = Self(rawValue: "format-positional")
    /// A name that no variable can have in MLflow.
    package static let variableName = Self(rawValue: "variable-name")
    /// A variable that has the name of a parameter of MLflow's.
    package static let reservedVariable = Self(rawValue: "reserved-variable")
    /// A brace that `str.format` does not accept.
    package static let formatBrace = Self(rawValue: "format-brace")
    /// Literal text that MLflow would replace or run.
    package static let literalIsLive = Self(rawValue: "literal-is-live")

    /// Text that Jinja2 cannot parse.
    package static let jinjaSyntax = Self(rawValue: "jinja2-syntax")
    /// An attribute that Jinja2's sandbox hides.
    package static let jinjaSandbox = Self(rawValue: "jinja2-sandbox")
    /// A filter or test that Jinja2 does not have.
    package static let jinjaUnknownName = Self(rawValue: "jinja2-unknown-name")
    /// A tag for another file's text that cannot be replaced by it.
    package static let unusableInclude = Self(rawValue: "unusable-include")
    /// A tag that loads another template.
    package static let jinjaLoader = Self(rawValue: "jinja2-loader")

    /// A variable that the template uses and the contract does not name.
    package static let undeclaredVariable = Self(rawValue: "undeclared-variable")
    /// A variable that the contract names and the template does not use.
    package static let unusedVariable = Self(rawValue: "unused-variable")
    /// A variable that the contract names twice.
    package static let duplicateVariable = Self(rawValue: "duplicate-variable")

    /// A variable of the template that has no value.
    package static let missingValue = Self(rawValue: "missing-value")
    /// A value that no variable of the template has the name of.
    package static let unknownValue = Self(rawValue: "unknown-value")
    /// A template that only MLflow renders.
    package static let notRendered = Self(rawValue: "not-rendered")
    /// A template that MLflow may render differently.
    package static let mayRenderOtherwise = Self(rawValue: "may-render-otherwise")
}
