import Support
import Prompts
package import Views

/// A prompt, or one version of it, on a terminal.
package struct PromptText: Sendable {
    private let style: ANSIStyle
    private let now: Int

    /// A renderer.
    ///
    /// - Parameters:
    ///   - color: Whether to use ANSI colours.
    ///   - now: The present, in milliseconds since 1970.
    package init(color: Bool, now: Int) {
        style = ANSIStyle(isOn: color)
        self.now = now
    }

    // MARK: All versions

    /// A prompt with all its versions as text.
    ///
    /// - Parameter details: The prompt.
    /// - Returns: What the prompt itself has, then a line for each version with what belongs to it below.
    package func render(_ details: PromptDetails) -> String {
        let prompt = details.prompt
        var lines = [heading(prompt.name, details.registry)]
        lines += prompt.description.map { [$0.escapedForTerminal] } ?? []
        lines += PromptTags.line(prompt.tags).map { ["tags: " + $0] } ?? []
        lines += prompt.experiments.isEmpty ? [] : ["experiments: " + list(prompt.experiments)]
        lines += details.url.map { ["page: " + $0.escapedForTerminal] } ?? []
        lines += [""] + versions(of: details)
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }

    private func versions(of details: PromptDetails) -> [String] {
        guard !details.versions.isEmpty else { return ["It has no version yet."] }
        let rows = details.versions.map { version -> [TextTable.Cell] in
            let origin = VersionOrigin(of: version)
            return [
                .init(VersionPhrase.number(version.number)),
                .init(details.prompt.aliases(at: version.number).joined(separator: ", "), .green),
                .init(Moment(version.createdAt)?.age(at: now) ?? ""),
                .init(origin.shortCommit ?? "", .yellow),
                .init(origin.source ?? ""),
            ]
        }
        var table = TextTable.lines(["VERSION", "ALIASES", "AGE", "COMMIT", "SOURCE"], rows, style)
        var lines = [table.removeFirst()]
        for (row, version) in zip(table, details.versions) {
            lines.append(row)
            lines += [
                ("message", version.description), ("model_config", version.content.modelConfig),
                ("response_format", version.content.responseFormat),
            ].compactMap { name, value in value.map { "    \(name): \($0.escapedForTerminal)" } }
        }
        return lines
    }

    // MARK: One version

    /// A version as text.
    ///
    /// - Parameter details: The version.
    /// - Returns: What the version has, and its template below.
    package func render(_ details: VersionDetails) -> String {
        let version = details.version
        let origin = VersionOrigin(of: version)
        let created = Moment(version.createdAt).map { "\($0.text), \($0.age(at: now)) ago" }
        let commit = origin.commit.map { $0 + (origin.isDirty ? ", with changes that are not in it" : "") }
        let variables = version.content.variables
        let fields: [(String, String?)] = [
            ("kind", version.content.kind.rawValue),
            ("aliases", details.aliases.isEmpty ? "none" : list(details.aliases)),
            ("created", created), ("message", version.description?.escapedForTerminal),
            ("job", origin.job?.escapedForTerminal), ("source", origin.source?.escapedForTerminal),
            ("commit", commit?.escapedForTerminal),
            ("variables", variables.isEmpty ? "none" : list(variables)),
            ("model_config", version.content.modelConfig?.escapedForTerminal),
            ("response_format", version.content.responseFormat?.escapedForTerminal),
            ("tags", PromptTags.line(version.tags)), ("page", details.url?.escapedForTerminal),
        ]
        let shown = fields.compactMap { name, value in value.map { (name: name + ":", value: $0) } }
        let width = shown.map(\.name.count).max() ?? 0
        let lines =
            [heading(details.uri, details.registry), ""]
            + shown.map { name, value in
                style(name, .dim) + String(repeating: " ", count: width - name.count + 1) + value
            }
            + ["", version.content.readableTemplate.escapedLinesForTerminal]
        return (lines.joined(separator: "\n") + "\n").withoutWorkflowCommands
    }

    private func heading(_ name: String, _ registry: RegistryLocation) -> String {
        JobHeader.line(title: name, registry: registry, target: nil, style)
    }

    private func list(_ names: [String]) -> String { names.map(\.escapedForTerminal).joined(separator: ", ") }
}
