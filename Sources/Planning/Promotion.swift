package import Prompts

/// Points an alias of each prompt to where another one is. It never writes.
package struct Promotion: Sendable {
    /// The alias whose version is promoted.
    package var from: String
    /// The alias that goes there.
    package var to: String
    /// Whether an agent may have to fill in other variables afterwards.
    package var allowsVariableChange: Bool

    /// A promotion.
    ///
    /// - Parameters:
    ///   - from: The alias whose version is promoted.
    ///   - to: The alias that goes there.
    ///   - allowsVariableChange: Whether an agent may have to fill in other variables afterwards.
    package init(from: String, to: String, allowsVariableChange: Bool = false) {
        self.from = from
        self.to = to
        self.allowsVariableChange = allowsVariableChange
    }

    /// The plan that promotes a batch.
    ///
    /// - Parameters:
    ///   - batch: The prompts.
    ///   - registry: The registry, which is read.
    ///   - concurrency: How many versions are read at a time.
    /// - Returns: The plan. It is refused where a prompt has no such version, or another set of variables in it.
    /// - Throws: `RegistryError` when the registry cannot be read.
    package func plan(
        _ batch: Batch, in registry: any PromptRegistry, concurrency: Int = 8
    ) async throws(RegistryError) -> Plan {
        let observed = try await ObservedBatch(
            batch.prompts.map(\.fullName), versionsOf: [from, to], in: registry, concurrency: concurrency)
        return Plan(
            operation: .promote, job: batch.job, target: batch.target, registry: registry.location,
            prompts: batch.prompts.map { plan($0, observed) })
    }

    private func plan(_ subject: PromptSubject, _ observed: ObservedBatch) -> PlannedPrompt {
        guard let prompt = observed.prompts[subject.fullName] else {
            return PlannedPrompt(
                subject, problem: RegistryError(.notFound, "there is no prompt '\(subject.fullName)'"))
        }
        guard let promoted = observed.version(of: subject.fullName, at: from) else {
            return PlannedPrompt(
                subject, of: prompt,
                problem: RegistryError(
                    .notFound, "'\(subject.fullName)' has no alias '\(from)'",
                    hint: Self.aliases(of: prompt)))
        }
        let replaced = observed.version(of: subject.fullName, at: to)
        let stays = replaced?.number == promoted.number
        var planned = PlannedPrompt(
            subject, of: prompt, serving: promoted, replacing: stays ? nil : replaced,
            aliases: [
                PlannedAlias(
                    alias: to, action: stays ? .unchanged : replaced == nil ? .set : .move,
                    previousVersion: replaced?.number, goal: .version(promoted.number))
            ])
        if let replaced, !allowsVariableChange {
            planned.problem = variableChange(from: replaced, to: promoted, of: subject.fullName)
        }
        return planned
    }

    /// Why agents that fill in the variables of one version may fail on the other; nil when they are the same.
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
            hint: "make sure that the agent fills them in, then pass --allow-variable-change")
    }

    private static func aliases(of prompt: ObservedPrompt) -> String {
        let aliases = prompt.aliases.sorted { $0.key < $1.key }.map { "\($0.key) at version \($0.value)" }
        return aliases.isEmpty ? "it has no aliases at all" : "it has \(aliases.joined(separator: ", "))"
    }
}

extension PlannedPrompt {
    /// A prompt of which only aliases move.
    ///
    /// - Parameters:
    ///   - subject: The prompt.
    ///   - observed: What the registry has of it; nil when it has none.
    ///   - served: The version that an alias is to serve.
    ///   - replaced: The version that it serves now; nil when that does not change.
    ///   - aliases: The aliases.
    ///   - problem: Why it cannot be done.
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
            changes: MetadataChanges(), aliases: aliases, aliasLog: observed?.tags[AliasLog.tag],
            source: TemplateSource(registered: content, replacing: replaced?.content), problem: problem)
        source.specPath = subject.source?.specPath
        source.specLine = subject.source?.specLine
    }
}
