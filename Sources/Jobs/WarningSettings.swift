import Diagnostics
import Support
import Templates
import YAML

extension Diagnostic.Code {
    /// A name in a `promptreg-ignore` comment that is no warning's.
    static let unknownWarning = Self(rawValue: "unknown-warning")
}

extension IgnoredWarnings {
    /// Warnings of the names in comments that are no warning's; one for each comment, as they may be words of a reason.
    var slips: [Diagnostic] {
        var hints = NameHints()
        return mentions.compactMap { names in
            let slips = names.filter { !WarningSettings.codes.contains($0.name) }
            guard let first = slips.first else { return nil }
            let near = slips.compactMap { hints.nearest(to: $0.name, in: WarningSettings.codes.sorted()) }
            let (shown, isOne) = (slips.map { "'\($0.name)'" }.listed(10), slips.count == 1)
            return .warning(
                .unknownWarning,
                isOne
                    ? "no warning is called \(shown), so this silences none of that name"
                    : "no warnings are called \(shown), so this silences none of those names",
                at: first.location, length: first.name.count,
                help: near.isEmpty
                    ? "findings end in their names, in brackets; a reason comes after ' - '"
                    : "did you mean \(near.map { "'\($0)'" }.listed(10))?")
        }
    }
}

/// The warnings that `warnings` of a job or a prompt turns off.
struct WarningSettings {
    private var off: Set<String> = []

    /// Settings where what comes first counts.
    ///
    /// - Parameter nodes: The values of `warnings`, those of the prompt before those of the job.
    init(_ nodes: YAMLNode?...) {
        for entry in nodes.compactMap({ $0?.entries }).reversed().joined() {
            if Self.isOn(entry.value) { off.remove(entry.key) } else { off.insert(entry.key) }
        }
    }

    /// The warnings that can be turned off.
    static let codes = Set(shape.fields.map(\.key))

    /// Whether a finding is reported. No error is turned off.
    func report(_ diagnostic: Diagnostic) -> Bool {
        diagnostic.severity == .error || !off.contains(diagnostic.code.rawValue)
    }

    /// Whether a value, which YAML 1.1 reads as true or false, turns a warning on.
    private static func isOn(_ node: YAMLNode) -> Bool { node.flag ?? (node.text != "off") }

    /// The shape of `warnings`: every warning and note that checking a job can give.
    static let shape = ObjectShape(
        what: "'warnings'",
        fields: [
            Field("single-brace", .toggle, "{name} in a mustache template, which is plain text to MLflow."),
            Field("triple-brace", .toggle, "{{{name}}}, which MLflow fills in as the value in braces."),
            Field("not-a-variable", .toggle, "{{ … }} that is not a variable to MLflow."),
            Field("unclosed-variable", .toggle, "{{ without }}."),
            Field("renders-as-jinja2", .toggle, "A template that MLflow renders with Jinja2 unasked."),
            Field(
                "not-rendered-as-jinja2", .toggle, "A Jinja2 template that MLflow does not render with it."),
            Field("jinja2-unknown-name", .toggle, "A filter or test that Jinja2 lacks, in a branch."),
            Field("not-formattable", .toggle, "A message of a chat that MLflow's format() cannot fill in."),
            Field("unusual-role", .toggle, "A role that resembles one which models know."),
            Field("unknown-key", .toggle, "A key of model_config or of front matter that is not known."),
            Field("unmapped-key", .toggle, "A key of a template file that says what no prompt can hold."),
            Field("invisible-text", .toggle, "Characters that nobody sees."),
            Field(
                "unclosed-front-matter", .toggle,
                "A file that begins like front matter whose closing --- is missing, or that is below a blank line."
            ),
            Field(
                "unmarked-role", .toggle,
                "A line of a Prompty file such as 'user: Hi', which begins no message."
            ),
            Field("role-attributes", .toggle, "Attributes of a role that no message can hold."),
            Field("image-as-text", .toggle, "An image of a Prompty file, which is registered as text."),
            Field(
                "registered-as-it-stands", .toggle, "A YAML or JSON file of texts, taken as a whole."),
            Field("passed-over", .toggle, "Files of prompts_dir that are no prompts."),
            Field("unused-pattern", .toggle, "A pattern in prompts or exclude that matches no file."),
            Field("unknown-alias", .toggle, "An alias of --alias that resembles one of the job's."),
            Field("empty-template", .toggle, "An empty file that skip_empty leaves out."),
            Field("unknown-warning", .toggle, "A name in a promptreg-ignore comment that is no warning's."),
        ])
}
