package import Prompts
import Support

/// Plans to point an alias of each prompt to the version that another alias points to.
package struct Promotion: Sendable {
    /// The alias whose version is promoted.
    package let from: String
    /// The alias that is pointed there.
    package let to: String
    private let allowsVariableChange: Bool
    /// Told of what may be a mistake.
    private let warn: @Sendable (String) -> Void

    /// A promotion.
    ///
    /// - Parameters:
    ///   - from: The alias whose version is promoted.
    ///   - to: The alias that is pointed there.
    ///   - allowsVariableChange: Whether agents may have to pass other variables afterwards.
    ///   - warn: Told of what may be a mistake.
    package init(
        from: String, to: String, allowsVariableChange: Bool = false,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.warn = warn
        self.from = from
        self.to = to
        self.allowsVariableChange = allowsVariableChange
    }

    /// Plans the promotion of a batch.
    ///
    /// - Parameters:
    ///   - batch: The prompts.
    ///   - registry: The registry; only read.
    ///   - known: The aliases that the job knows.
    ///   - targets: The job's targets, which are no aliases.
    ///   - concurrency: How many versions are read at a time.
    /// - Returns: The plan. It is refused where a prompt has no such version, or where its variables change.
    /// - Throws: `RegistryError` when the registry cannot be read, or where a target is named in place of an alias.
    package func plan(
        _ batch: Batch, in registry: any PromptRegistry, knowing known: Set<String> = [],
        targets: [String] = [], concurrency: Int = 8
    ) async throws(RegistryError) -> Plan {
        let observed = try await ObservedBatch(
            batch.prompts.map(\.fullName), versionsOf: [from, to], in: registry, concurrency: concurrency)
        let aliases = known.union(observed.prompts.values.flatMap(\.aliases.keys))
        if !aliases.contains(to) {
            let others = aliases.subtracting([from]).sorted()
            if targets.contains(to) { throw isTarget(others, in: batch.target) }
            if let near = nearestName(to: to, in: others) {
                warn("nothing has the alias '\(to)' yet; did you mean '\(near)'?")
            }
        }
        return Plan(
            operation: .promote, job: batch.job, target: batch.target, registry: registry.location,
            prompts: batch.prompts.map { plan($0, of: batch.job, observed) })
    }

    /// Why nothing is promoted to what is a target of the job and no alias.
    private func isTarget(_ aliases: [String], in target: String?) -> RegistryError {
        let alias = aliases.first { $0.hasPrefix(to) } ?? (aliases.count == 1 ? aliases[0] : "production")
        return RegistryError(
            .notFound, "nothing has the alias '\(to)', and '\(to)' is a target of the job",
            hint: "did you mean \(target == to ? "" : "--target \(to) ")--to \(alias)?")
    }

    private func plan(
        _ subject: PromptSubject, of job: String?, _ observed: ObservedBatch
    ) -> PlannedPrompt {
        guard let prompt = observed.prompts[subject.fullName] else {
            return PlannedPrompt(subject, problem: .notFound(prompt: subject.fullName))
        }
        guard let promoted = observed.version(of: subject.fullName, at: from) else {
            return PlannedPrompt(subject, of: prompt, problem: prompt.notFound(alias: from))
        }
        let replaced = observed.version(of: subject.fullName, at: to)
        let stays = replaced?.number == promoted.number
        var planned = PlannedPrompt(
            subject, of: prompt, serving: promoted, replacing: stays ? nil : replaced,
            aliases: [
                PlannedAlias(
                    alias: to, action: stays ? .unchanged : replaced == nil ? .set : .move,
                    previousVersion: replaced?.number, goal: .version(promoted.number), followed: from)
            ])
        planned.noteLastMoves(of: prompt)
        planned.drift = prompt.drift.filter { [from, to].contains($0.alias) }
        planned.acceptDrift()
        if let replaced, !allowsVariableChange {
            planned.problem =
                variableChange(from: replaced, to: promoted, of: subject.fullName)
                ?? toolChange(from: replaced, to: promoted, of: subject.fullName)
        }
        planned.checkOwner(of: prompt, subject, in: job)
        return planned
    }

    /// Why agents that pass the variables of one version may fail with the other; nil when the variables are the same.
    private func variableChange(
        from old: PromptVersion, to new: PromptVersion, of name: String
    ) -> RegistryError? {
        let (before, after) = (Set(old.content.variables), Set(new.content.variables))
        guard before != after else { return nil }
        let changes = [
            ("adds", after.subtracting(before)), ("drops", before.subtracting(after)),
        ].filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.sorted().joined(separator: ", "))" }
        return RegistryError(
            .variablesChanged,
            "the variables of '\(name)' change from version \(old.number) to version \(new.number): "
                + changes.joined(separator: "; "),
            hint: "make sure that the agent passes them, then add --allow-variable-change")
    }

    /// Why agents that run the tools of one version may fail with the other; nil when they can run all of them.
    private func toolChange(from old: PromptVersion, to new: PromptVersion, of name: String) -> RegistryError?
    {
        let changes = ToolChanges(from: old.content, to: new.content).changes.filter(\.mayBreak)
        guard !changes.isEmpty else { return nil }
        return RegistryError(
            .variablesChanged,
            "the tools of '\(name)' change from version \(old.number) to version \(new.number): "
                + changes.map(\.description).joined(separator: "; "),
            hint: "make sure that the agent runs them, then add --allow-variable-change")
    }
}

extension PlannedPrompt {
    /// A prompt of which only aliases move, from the replaced version to the served one.
    init(
        _ subject: PromptSubject, of observed: ObservedPrompt? = nil, serving served: PromptVersion? = nil,
        replacing replaced: PromptVersion? = nil, aliases: [PlannedAlias] = [], problem: RegistryError? = nil
    ) {
        let content = served?.content ?? observed?.newest?.content ?? PromptContent(kind: .text, template: "")
        self.init(
            name: subject.name, prompt: PromptDraft(name: subject.fullName),
            version: VersionDraft(content: content), action: .unchanged, differences: [],
            exists: observed != nil, previousVersion: observed?.newest?.number,
            previousContent: replaced?.content, previousContentVersion: replaced?.number,
            changes: MetadataChanges(), aliases: aliases,
            source: TemplateSource(registered: content, replacing: replaced?.content), problem: problem)
        source.specPath = subject.source?.specPath
        source.specLine = subject.source?.specLine
    }
}
