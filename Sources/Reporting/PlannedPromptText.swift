import Planning
import Prompts
import Support
import Views

/// One prompt of a plan that changes, as a block of lines for a terminal.
struct PlannedPromptText {
    private let style: TextStyle
    private let prompt: PlannedPrompt
    private let operation: Planning.Operation

    /// Tags that are not shown as such.
    private static let hiddenTags: Set<String> = [
        ReservedTag.experimentIDs, ProvenanceTag.managedTags, ProvenanceTag.job, ProvenanceTag.accepted,
        ProvenanceTag.movedTo, AliasLog.tag,
    ]

    /// The block of a prompt.
    init(_ prompt: PlannedPrompt, of operation: Planning.Operation, _ style: TextStyle) {
        self.prompt = prompt
        self.operation = operation
        self.style = style
    }

    /// The lines: the prompt, and indented below it what changes.
    var lines: [String] {
        var details =
            prompt.foreign.flatMap(foreign) + versions + (prompt.action == .create ? creation : update)
            + takeover
        details += prompt.aliases.filter { $0.action != .unchanged }.map(alias)
        details += prompt.drift.map(drift) + (prompt.gates ?? []).map { $0.text(style) }
        if let problem = prompt.problem {
            details.append("\(style("error:", .red)) \(problem.message.escapedForTerminal)")
            details += style.help(problem.hint)
        }
        return [heading] + details.map { $0.isEmpty ? "" : "    " + $0 }
    }

    /// The lines about all but the texts, the settings, the aliases and the problem.
    var remarks: [String] {
        let change =
            prompt.action == .create
            ? creationSource + creationMetadata : changedKind + changedVariables + metadata(prompt.changes)
        return prompt.foreign.map(origin) + versions + change + takeover + prompt.drift.map(drift)
    }

    private var takeover: [String] {
        moved + adopted
    }

    private var moved: [String] {
        if let name = prompt.movedTo {
            return ["moved to \(name.escapedForTerminal); it stays as it is"]
        }
        let count = prompt.earlierVersions.count + 1
        let isRest = count == 1 && prompt.version.tags[ProvenanceTag.movedFrom] == nil
        let what = isRest ? "the aliases and the journal" : Quantity.of(count, "version")
        return prompt.movedFrom.map {
            ["moved from \($0.escapedForTerminal): \(what)"]
        } ?? []
    }

    private var adopted: [String] {
        let until = prompt.problem?.code == .otherJob ? "" : " until now"
        if prompt.isTakenFromNobody {
            return ["registered by no job until now"]
        }
        return prompt.previousJob.map { ["registered by job '\($0.escapedForTerminal)'\(until)"] } ?? []
    }

    private var heading: String {
        let name = style(prompt.name.escapedForTerminal, .bold)
        let fullName =
            prompt.prompt.name == prompt.name ? "" : " (\(prompt.prompt.name.escapedForTerminal))"
        if prompt.problem != nil, prompt.action == .unchanged, prompt.aliases.isEmpty {
            return "\(style("✗", .red)) \(name)\(fullName): \(style("refused", .red))"
        }
        let moves = prompt.aliases.contains { $0.action != .unchanged }
        if prompt.source.path == nil, prompt.action == .unchanged, moves {
            return "\(style("→", .yellow)) \(name)\(fullName): \(style("move", .yellow))"
        }
        let sign = style(prompt.action.sign, prompt.action.look)
        let action = style(prompt.action.rawValue, prompt.action.look)
        guard operation.registersVersions else { return "\(sign) \(name)\(fullName): \(action)" }
        let step = VersionPhrase.plannedStep(
            prompt.action, from: prompt.previousVersion, to: prompt.expectedVersion)
        return "\(sign) \(name)\(fullName): \(action) \(step)"
            + VersionPhrase.duplicates(prompt.repetitions, "to be deleted")
    }

    /// How many versions are created, if more than one.
    private var versions: [String] {
        prompt.earlierVersions.isEmpty ? [] : ["versions to create: \(prompt.earlierVersions.count + 1)"]
    }

    // MARK: A first version

    private var creation: [String] {
        let content = prompt.version.content
        var lines = creationSource
        if style.isVerbose {
            let text = content.readableTemplate.escapedLinesForTerminal
                .split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.isEmpty ? "  |" : "  | " + $0 }
            lines.insert(contentsOf: text, at: 1)
        }
        if let config = content.modelConfigWithoutTools {
            lines.append("model_config: " + config.escapedForTerminal)
        }
        let tools = ToolDefinition.list(in: content.modelConfig).map(\.name)
        if !tools.isEmpty { lines.append("tools: " + tools.escapedList) }
        if let format = content.responseFormat {
            lines.append("response_format: " + format.escapedForTerminal)
        }
        return lines + creationMetadata
    }

    /// Where the template comes from, and its variables.
    private var creationSource: [String] {
        let source = prompt.source
        let kind = prompt.version.content.kind == .chat ? ", chat" : ""
        return [
            "template: " + (source.path.map { $0.escapedForTerminal + ", " } ?? "")
                + Quantity.of(source.characters, "character") + kind,
            "variables: " + (source.variables.isEmpty ? "none" : source.variables.escapedList),
        ]
    }

    private var creationMetadata: [String] {
        // A prompt that exists without versions gets what it lacks by changes.
        metadata(
            prompt.exists
                ? prompt.changes
                : MetadataChanges(
                    description: prompt.prompt.description,
                    promptTags: prompt.prompt.tags.mapValues(Optional.some)))
    }

    // MARK: A change

    private var update: [String] {
        var lines = changedKind
        if let old = prompt.previousContent {
            let new = prompt.version.content
            lines += UnifiedDiff(prompt)?.text(style) ?? []
            lines += changedVariables
            if prompt.differences.contains(.modelConfig) {
                let (before, after) = (old.modelConfigWithoutTools, new.modelConfigWithoutTools)
                if !JSONValue.areEqual(before, after) { lines.append(setting("model_config", before, after)) }
                lines += ToolChanges(from: old, to: new).descriptions.map {
                    "tools: " + $0.escapedForTerminal
                }
            }
            if prompt.differences.contains(.responseFormat) {
                lines.append(setting("response_format", old.responseFormat, new.responseFormat))
            }
        }
        return lines + metadata(prompt.changes)
    }

    private var changedKind: [String] {
        let forced = prompt.differences.contains(.forced) ? ["no differences; forced"] : []
        let new = prompt.version.content.kind
        guard let old = prompt.previousContent?.kind, old != new else { return forced }
        return forced + ["kind: \(old.rawValue) → \(new.rawValue)"]
    }

    private var changedVariables: [String] {
        guard prompt.previousContent != nil else { return [] }
        let (before, after) = (prompt.source.previousVariables, prompt.source.variables)
        return VersionPhrase.variables(
            added: after.filter { !before.contains($0) }, removed: before.filter { !after.contains($0) },
            style)
    }

    private func setting(_ name: String, _ old: String?, _ new: String?) -> String {
        "\(name): \((old ?? "none").escapedForTerminal) → \((new ?? "none").escapedForTerminal)"
    }

    private func metadata(_ changes: MetadataChanges) -> [String] {
        var lines: [String] = []
        if let description = changes.description {
            lines.append(Self.change("description", from: changes.previous?.description, to: description))
        }
        let tags = changes.promptTags.merging(changes.versionTags) { first, _ in first }
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) where !Self.hiddenTags.contains(key) {
            let previous =
                changes.promptTags[key] == nil
                ? changes.previous?.versionTags[key] : changes.previous?.promptTags[key]
            lines.append(Self.change("tag \(key.escapedForTerminal)", from: previous, to: value))
        }
        if let experiments = changes.promptTags[ReservedTag.experimentIDs] ?? nil {
            lines.append("experiments = " + experiments.split(separator: ",").map(String.init).escapedList)
        }
        return lines
    }

    /// A text that is set, with the one that it replaces, or that is removed.
    private static func change(_ name: String, from old: String?, to new: String?) -> String {
        let old = old.flatMap { $0.isEmpty ? nil : $0.escapedForTerminal }
        guard let new = new?.escapedForTerminal else {
            return "\(name) removed" + (old.map { " (\($0))" } ?? "")
        }
        return old.map { "\(name): \($0) → \(new)" } ?? "\(name) = \(new)"
    }

    // MARK: What something else made

    /// Where a version came from that something else made.
    private func origin(_ foreign: ForeignVersion) -> String {
        // An edit has no message: that of the version is the job's.
        let message = foreign.isEdited ? nil : foreign.version.description
        return "\(style("foreign:", .yellow)) \(foreign.words.escapedForTerminal)"
            + VersionPhrase.edits(foreign.edits).escapedForTerminal
            + (message.map { ", with the message '\($0.escapedForTerminal)'" } ?? "")
    }

    /// What a version that something else made changed, since a job made one.
    private func foreign(_ foreign: ForeignVersion) -> [String] {
        // An alias may leave it while the files are what another version has.
        let isCompared = foreign.version.number == prompt.previousContentVersion
        if foreign.isEdited { return [origin(foreign) + (isCompared ? "; from it to the job's files:" : "")] }
        let end = foreign.own.map { "; from the job's v\($0.number) to it:" } ?? ""
        let diff = foreign.own.map { own in
            UnifiedDiff(
                ContentDiff(from: own.content, to: foreign.version.content).parts,
                from: VersionPhrase.number(own.number), to: VersionPhrase.number(foreign.version.number))
        }
        return [origin(foreign) + end]
            + (diff?.text(style) ?? [])
            + (diff != nil && isCompared ? ["and from it to the job's files:"] : [])
    }

    // MARK: Aliases

    private func drift(_ drift: AliasDrift) -> String {
        let place = drift.place.map { "is at v\($0)" } ?? "does not exist"
        let isFound = drift.isFoundThere == true
        let move =
            drift.left.map { (isFound ? "found it at" : "moved it to") + " v\($0)" }
            ?? (isFound ? "found it removed" : "removed it")
        let when = drift.at.escapedForTerminal + (drift.by.map { " by \($0.escapedForTerminal)" } ?? "")
        let alias = "\(style("drift:", .yellow)) alias \(drift.alias.escapedForTerminal) \(place)"
        let isAccepted = prompt.aliases.contains { $0.acceptedDrift == drift }
        guard drift.isUndone else {
            return "\(alias), but promptreg \(move) on \(when)"
                + (isAccepted ? "; it stays there, and the journal will say so" : "")
        }
        let back =
            drift.place == nil ? "removed it again" : drift.left == nil ? "set it again" : "moved it back"
        return "\(alias), though by the journal promptreg \(move) on \(when): something else \(back), "
            + "or that run has not done so"
            + (isAccepted
                ? "; this one leaves it there, and the journal will say so unless the other may still be at work"
                : "")
    }

    private func alias(_ alias: PlannedAlias) -> String {
        let place = VersionPhrase.place(
            alias.action, from: alias.previousVersion, to: prompt.expectedVersion(of: alias))
        let rollback = prompt.undoneRollback(by: alias, in: operation)
        let undone = rollback.map { "; undoes the rollback of \($0.escapedForTerminal)" } ?? ""
        return "alias \(alias.alias.escapedForTerminal): \(place)\(undone)"
    }
}

extension PlannedPrompt {
    /// When the rollback was that an alias move undoes; nil where it undoes none, or goes back further than one.
    func undoneRollback(by alias: PlannedAlias, in operation: Planning.Operation) -> String? {
        guard alias.action != .unchanged, let last = alias.lastMove, last.isRollback == true,
            let goal = expectedVersion(of: alias)
        else { return nil }
        let goesForward = operation != .rollback && goal > alias.previousVersion ?? 0
        return goal == last.from || goesForward ? last.at : nil
    }
}

extension GateFinding {
    /// What a gate found, as a line for a terminal.
    func text(_ style: TextStyle) -> String {
        let sign = status == .passed ? style("✓", .green) : style("✗", .red)
        return "\(sign) gate \(line.escapedForTerminal)"
    }
}
