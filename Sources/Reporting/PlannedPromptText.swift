import Planning
import Prompts
import Support
import Views

/// One prompt of a plan that changes, as a block of lines for a terminal.
struct PlannedPromptText {
    private let style: ANSIStyle
    private let isVerbose: Bool
    private let prompt: PlannedPrompt

    /// The tags that stand for something else, and so are not shown as tags.
    private static let hiddenTags: Set<String> = [
        ReservedTag.experimentIDs, ProvenanceTag.managedTags, ProvenanceTag.job,
    ]

    /// The block of a prompt.
    init(_ prompt: PlannedPrompt, style: ANSIStyle, isVerbose: Bool) {
        self.prompt = prompt
        self.style = style
        self.isVerbose = isVerbose
    }

    /// The lines: the prompt, and indented below it what changes.
    var lines: [String] {
        var details = versions + (prompt.action == .create ? creation : update)
        details += prompt.aliases.filter { $0.action != .unchanged }.map(alias)
        if let problem = prompt.problem {
            details.append("\(style("error:", .red)) \(problem.message.escapedForTerminal)")
            if let hint = problem.hint {
                details.append("    \(style("help:", .cyan)) \(hint.escapedForTerminal)")
            }
        }
        return [heading] + details.map { $0.isEmpty ? "" : "    " + $0 }
    }

    private var heading: String {
        let name = style(prompt.name.escapedForTerminal, .bold)
        let fullName =
            prompt.prompt.name == prompt.name ? "" : " (\(prompt.prompt.name.escapedForTerminal))"
        let onlyMoves = prompt.source.path == nil && prompt.action == .unchanged && !prompt.aliases.isEmpty
        if onlyMoves { return "\(style("→", .yellow)) \(name)\(fullName): \(style("move", .yellow))" }
        let sign = style(prompt.action.sign, prompt.action.look)
        let step = VersionPhrase.plannedStep(prompt)
        let action = style(prompt.action.rawValue, prompt.action.look)
        return "\(sign) \(name)\(fullName): \(action) \(step)"
    }

    /// How many versions are made, where that is more than one.
    private var versions: [String] {
        prompt.earlierVersions.isEmpty ? [] : ["versions to make: \(prompt.earlierVersions.count + 1)"]
    }

    // MARK: A first version

    private var creation: [String] {
        let content = prompt.version.content
        let source = prompt.source
        let kind = content.kind == .chat ? ", chat" : ""
        var lines = [
            "template: " + (source.path.map { $0.escapedForTerminal + ", " } ?? "")
                + Quantity.of(source.characters, "character") + kind
        ]
        if isVerbose {
            lines += content.readableTemplate.escapedLinesForTerminal
                .split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "  |" : "  | " + $0 }
        }
        lines.append("variables: " + (source.variables.isEmpty ? "none" : list(source.variables)))
        if let config = content.modelConfig { lines.append("model_config: " + config.escapedForTerminal) }
        if let format = content.responseFormat {
            lines.append("response_format: " + format.escapedForTerminal)
        }
        // A prompt that exists without versions gets what it lacks as changes.
        let metadata =
            prompt.exists
            ? prompt.changes
            : MetadataChanges(
                description: prompt.prompt.description,
                promptTags: prompt.prompt.tags.mapValues(Optional.some)
            )
        return lines + self.metadata(metadata)
    }

    // MARK: A change

    private var update: [String] {
        var lines: [String] = []
        if prompt.differences.contains(.forced) { lines.append("nothing differs; forced") }
        if let old = prompt.previousContent {
            let new = prompt.version.content
            if old.kind != new.kind { lines.append("kind: \(old.kind.rawValue) → \(new.kind.rawValue)") }
            lines += UnifiedDiff(prompt)?.text(style) ?? []
            lines += variables
            if prompt.differences.contains(.modelConfig) {
                lines.append(setting("model_config", old.modelConfig, new.modelConfig))
            }
            if prompt.differences.contains(.responseFormat) {
                lines.append(setting("response_format", old.responseFormat, new.responseFormat))
            }
        }
        return lines + metadata(prompt.changes)
    }

    private var variables: [String] {
        let (old, new) = (prompt.source.previousVariables, prompt.source.variables)
        let line = VariablesLine(
            added: new.filter { !old.contains($0) }, removed: old.filter { !new.contains($0) })
        return [line.text(style)].compactMap(\.self)
    }

    private func setting(_ name: String, _ old: String?, _ new: String?) -> String {
        "\(name): \((old ?? "none").escapedForTerminal) → \((new ?? "none").escapedForTerminal)"
    }

    private func metadata(_ changes: MetadataChanges) -> [String] {
        var lines: [String] = []
        if let description = changes.description {
            lines.append("description = " + description.escapedForTerminal)
        }
        let tags = changes.promptTags.merging(changes.versionTags) { first, _ in first }
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) where !Self.hiddenTags.contains(key) {
            let name = "tag \(key.escapedForTerminal)"
            lines.append(value.map { "\(name) = \($0.escapedForTerminal)" } ?? "\(name) removed")
        }
        if let experiments = changes.promptTags[ReservedTag.experimentIDs] ?? nil {
            lines.append("experiments = " + list(experiments.split(separator: ",").map(String.init)))
        }
        return lines
    }

    // MARK: Aliases

    private func alias(_ alias: PlannedAlias) -> String {
        let place = VersionPhrase.place(
            alias.action, from: alias.previousVersion, to: prompt.expectedVersion(of: alias))
        return "alias \(alias.alias.escapedForTerminal): \(place)"
    }

    private func list(_ names: [String]) -> String {
        names.map(\.escapedForTerminal).joined(separator: ", ")
    }
}
