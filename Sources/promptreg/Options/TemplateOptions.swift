import ArgumentParsing
import Diagnostics
import Jobs
import Prompts
import Templates

/// What is filled in, and with which values.
struct TemplateOptions: Hashable, Sendable {
    /// A template file, or the address of a version.
    var subject = ""
    /// How the file writes variables; nil takes what its ending tells.
    var syntax: TemplateSyntax?
    /// The values of `--set`, which come before those of the file.
    var assignments: [Assignment] = []
    /// The path of a file with values.
    var valuesFile: String?

    /// A template with its variables filled in.
    struct Filled {
        /// The text, or a chat prompt's messages as a JSON list.
        let text: String
        /// Whether it is a list of messages.
        let isChat: Bool
        /// The version; nil where it is a file.
        let version: ResolvedVersion?
    }

    private var isFile: Bool {
        Subjects.isPath(subject, endings: TemplateFile.endings)
    }

    /// Checks that a flag for files comes with one.
    func validate() throws(UsageError.Reason) {
        guard let syntax, !isFile else { return }
        throw .invalidValue(
            subject: "--syntax", value: syntax.rawValue,
            problem: "it is for a template file, and this is not one: \(subject)")
    }

    /// Fills in the variables, and reports warnings.
    ///
    /// - Parameters:
    ///   - view: Where names are looked up, and how the registry is reached.
    ///   - context: The command's context.
    /// - Returns: The template.
    /// - Throws: `CommandFailure`.
    func fill(_ view: ViewOptions, _ context: CommandContext) async throws(CommandFailure) -> Filled {
        let (values, found) = values()
        var findings = found
        let rendering: PromptRendering?
        var isChat = false
        var version: ResolvedVersion?
        if isFile {
            let (file, found) = TemplateFile.load(subject, syntax: syntax)
            findings.merge(found)
            isChat = file?.template.isChat == true
            rendering = file.map {
                PromptRendering(
                    of: $0.template.text, isChat: $0.template.isChat, values: values, places: $0.places)
            }
        } else {
            let resolved = try await resolve(view, context)
            let content = resolved.version.content
            (version, isChat) = (resolved, content.kind == .chat)
            rendering = PromptRendering(of: content.template, isChat: isChat, values: values)
        }
        // Other values would not help.
        if let refusal = rendering?.diagnostics.first(where: { $0.code == .notRendered }) {
            findings = findings.filter { $0.severity != .error || !found.diagnostics.contains($0) }
            if !findings.hasErrors { findings.add(refusal) }
        }
        if !findings.hasErrors, let rendering {
            // A file's own findings have said it at its place.
            let known = Set(findings.diagnostics.map(\.code))
            findings.add(contentsOf: rendering.diagnostics.filter { !known.contains($0.code) })
        }
        guard !findings.hasErrors, let text = rendering?.text else { throw CommandFailure(findings) }
        context.console.report(findings)
        return Filled(text: text, isChat: isChat, version: version)
    }

    private func resolve(
        _ view: ViewOptions, _ context: CommandContext
    ) async throws(CommandFailure) -> ResolvedVersion {
        let place = try context.place(view.job)
        let uri = try place.uri(subject)
        return try await context.read(place, view.remote) {
            registry async throws(RegistryError) in try await registry.resolve(uri)
        }
    }

    /// The values of the file, with those of `--set` in their place or behind them.
    private func values() -> ([TemplateValue], DiagnosticList) {
        let file = valuesFile.map { ValuesFile(path: $0) }
        var values = file?.values ?? []
        for assignment in assignments {
            let value = TemplateValue(name: assignment.name, text: assignment.value)
            if let index = values.firstIndex(where: { $0.name == value.name }) {
                values[index] = value
            } else {
                values.append(value)
            }
        }
        return (values, file?.diagnostics ?? DiagnosticList())
    }

    /// The argument.
    static let argument = Argument<TemplateOptions>(
        Positional(
            NameCompletion.versions.value("FILE_OR_URI", orFile: true),
            help: "A template file, or a version such as prompts:/NAME@production or prompts:/NAME/3"),
        \.subject)

    /// The flags.
    static let options = [
        Option<TemplateOptions>(
            Flag(
                "set", value: .text("NAME=VALUE"), isRepeatable: true,
                help: "The value of a variable, in place of that of --values")
        ) { options, text throws(ArgumentProblem) in
            let assignment = try Assignment(text)
            if options.assignments.contains(where: { $0.name == assignment.name }) {
                throw assignment.repeated
            }
            options.assignments.append(assignment)
        },
        Option(
            Flag(
                "values", value: .file("FILE"),
                help: "A YAML or JSON file with the values of variables by name"), \.valuesFile),
        Option(
            Flag(
                "syntax", value: .choice("SYNTAX", of: TemplateSyntax.allCases.map(\.rawValue)),
                help: "How a template file writes variables",
                defaultText: "mustache, and jinja2 for .j2"), \.syntax
        ) { TemplateSyntax(rawValue: $0) },
    ]
}
