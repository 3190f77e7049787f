package import Prompts
import Support

/// Plans the copy of prompts from one registry to another, with their versions, tags and aliases.
///
/// Versions are matched by content and description, in order. What the destination has already is not registered
/// again, so that a second copy changes nothing. Version numbers may differ; aliases follow the versions.
package struct Copy: Sendable {
    /// Copies only the version that this alias points to, and the alias; nil copies everything.
    package var alias: String?
    /// The catalog in the destination; nil keeps it.
    package var catalog: String?
    /// The schema in the destination; nil keeps it.
    package var schema: String?
    /// Whether prompts of other jobs in the destination are copied to all the same.
    package var adopts = false

    /// A copy.
    package init(alias: String? = nil, catalog: String? = nil, schema: String? = nil) {
        self.alias = alias
        self.catalog = catalog
        self.schema = schema
    }

    /// The tags that mean something only in the registry that holds them.
    private static let localTags: Set<String> = [
        AliasLog.tag, AliasLog.movingBackTag, ReservedTag.experimentIDs, RunMark.tag, VersionKey.tag,
    ]

    /// Plans the copy, reading a bounded number of prompts at a time.
    ///
    /// - Parameters:
    ///   - names: The full names in the source.
    ///   - source: The registry that is copied from; only read.
    ///   - destination: The registry that is copied to; only read.
    ///   - concurrency: How many prompts have their versions read at a time.
    /// - Returns: The plan, and the names of the prompts that have nothing to copy.
    /// - Throws: `RegistryError` when a registry cannot be read.
    package func plan(
        _ names: [String], from source: any PromptRegistry, to destination: any PromptRegistry,
        concurrency: Int = 8
    ) async throws(RegistryError) -> (plan: Plan, empty: [String]) {
        var plan = Plan(operation: .copy, job: nil, registry: destination.location, prompts: [])
        var empty: [String] = []
        let partSize = min(source.observedAtOnce, destination.observedAtOnce)
        for start in stride(from: 0, to: names.count, by: partSize) {
            let part = Array(names[start...].prefix(partSize))
            let originals = try await source.observe(part)
            let copies = try await destination.observe(part.map(target))
            // Versions are many: those of a prompt are read when it is planned.
            let planned = try await concurrentMap(part, limit: concurrency) {
                (name) async throws(RegistryError) -> PlannedPrompt? in
                let original = try await PromptWithVersions(originals[name], in: source).map(selected)
                guard let original, !original.versions.isEmpty else { return nil }
                let copy = try await PromptWithVersions(copies[target(of: name)], in: destination)
                return self.plan(original, copy, in: destination)
            }
            for (name, prompt) in zip(part, planned) {
                if let prompt { plan.prompts.append(prompt) } else { empty.append(name) }
            }
        }
        return (plan, empty)
    }

    /// The full name of a prompt's copy.
    private func target(of name: String) -> String {
        var target = QualifiedName(name)
        if let catalog { target.schema?.catalog = catalog }
        if let schema { target.schema?.name = schema }
        return target.description
    }

    /// A prompt with its versions, oldest first.
    private struct PromptWithVersions: Sendable {
        var prompt: ObservedPrompt
        var versions: [PromptVersion]

        init?(_ prompt: ObservedPrompt?, in registry: any PromptRegistry) async throws(RegistryError) {
            guard let prompt else { return nil }
            try RegistryError.checkCancellation()
            self.prompt = prompt
            do throws(RegistryError) {
                versions = try await registry.versions(of: prompt.name).sorted { $0.number < $1.number }
            } catch {
                throw error.about(prompt.name)
            }
        }
    }

    /// The part of a prompt that is copied.
    private func selected(_ original: PromptWithVersions) -> PromptWithVersions {
        var part = original
        part.prompt.tags = part.prompt.tags.filter { !Self.localTags.contains($0.key) }
        for index in part.versions.indices {
            part.versions[index].tags = part.versions[index].tags.filter { !Self.localTags.contains($0.key) }
        }
        guard let alias else { return part }
        let number = part.prompt.aliases[alias]
        part.prompt.aliases = part.prompt.aliases.filter { $0.key == alias }
        part.versions.removeAll { $0.number != number }
        return part
    }

    // MARK: - One prompt

    private func plan(
        _ original: PromptWithVersions, _ copy: PromptWithVersions?, in destination: any PromptRegistry
    ) -> PlannedPrompt {
        let present = copy?.versions ?? []
        let matches = Self.matches(of: original.versions, in: present).map { present[$0] }
        let drafts = original.versions.map {
            VersionDraft(content: $0.content, description: $0.description, tags: $0.tags)
        }
        let missing = drafts.dropFirst(matches.count)
        let version = drafts.last ?? VersionDraft(content: PromptContent(kind: .text, template: ""))
        let fullName = target(of: original.prompt.name)
        let newest = copy?.prompt.newest
        let replaced = missing.isEmpty ? nil : newest
        var planned = PlannedPrompt(
            name: QualifiedName(fullName).name,
            prompt: PromptDraft(
                name: fullName, description: original.prompt.description, tags: original.prompt.tags),
            version: version, earlierVersions: Array(missing.dropLast()),
            action: copy == nil ? .create : missing.isEmpty ? .unchanged : .update,
            differences: replaced.map { version.content.differences(from: $0.content) } ?? [],
            exists: copy != nil, previousVersion: newest?.number, previousContent: replaced?.content,
            previousContentVersion: replaced?.number, changes: MetadataChanges(), aliases: [],
            source: TemplateSource(registered: version.content, replacing: replaced?.content))
        if let copy { addChanges(to: &planned, original, matches, copy.prompt) }
        planned.aliases = original.prompt.aliases.sorted { $0.key < $1.key }.compactMap { alias, number in
            self.alias(alias, at: number, of: original, matches.map(\.number), copy?.prompt)
        }
        planned.noteLastMoves(of: copy?.prompt)
        if let copy { takeOver(&planned, copy.prompt, for: original.prompt.owner) }
        guard planned.problem == nil else { return planned }
        do throws(RegistryError) {
            for version in planned.earlierVersions + [planned.version] {
                try destination.check(planned.prompt, version)
            }
        } catch {
            planned.problem = error
        }
        return planned
    }

    /// Makes a prompt of another job in the destination the one that it is in the source, as far as that is asked for.
    private func takeOver(_ planned: inout PlannedPrompt, _ copy: ObservedPrompt, for job: String?) {
        let changes = planned.action != .unchanged || planned.aliases.contains { $0.action != .unchanged }
        guard changes, let owner = copy.owner, owner != job else { return }
        planned.previousJob = owner
        if !adopts {
            planned.problem = .belongs(
                to: owner, not: job.map { "'\($0)'" } ?? "the copy",
                hint: job.map { "--adopt copies to it all the same, and makes it the prompt of '\($0)'" }
                    ?? "--adopt copies to it all the same")
        }
    }

    /// Finds the versions of the copy that match those of the original, from the first one on.
    ///
    /// - Returns: An index into `present` for each. Of several candidates it is the latest, so that an alias that is
    ///   on a version of the same content need not move.
    private static func matches(of versions: [PromptVersion], in present: [PromptVersion]) -> [Int] {
        var count = 0
        for candidate in present where count < versions.count && versions[count].isSame(as: candidate) {
            count += 1
        }
        var matches: [Int] = []
        var end = present.count
        for version in versions[..<count].reversed() {
            guard let index = present[..<end].lastIndex(where: { version.isSame(as: $0) }) else { break }
            matches.insert(index, at: 0)
            end = index
        }
        return matches
    }

    /// Adds what changes in place. What only the copy has is left alone.
    private func addChanges(
        to planned: inout PlannedPrompt, _ original: PromptWithVersions, _ matches: [PromptVersion],
        _ copy: ObservedPrompt
    ) {
        if let description = original.prompt.description, !description.isEmpty,
            !description.isIdentical(to: copy.description ?? "")
        {
            planned.changes.description = description
            planned.differences.append(.description)
        }
        for (key, value) in planned.prompt.tags where copy.tags[key]?.isIdentical(to: value) != true {
            planned.changes.promptTags[key] = value
        }
        for (version, match) in zip(original.versions, matches) {
            let tags = version.tags.filter { match.tags[$0.key]?.isIdentical(to: $0.value) != true }
            guard !tags.isEmpty else { continue }
            planned.versionChanges.append(
                MetadataChanges(version: match.number, versionTags: tags.mapValues(Optional.some)))
        }
        if !planned.changes.promptTags.isEmpty || !planned.versionChanges.isEmpty {
            planned.differences.append(.tags)
        }
        let changes = !planned.changes.isEmpty || !planned.versionChanges.isEmpty
        if planned.action == .unchanged, changes { planned.action = .retag }
    }

    /// Plans an alias; nil where the version that it points to is not copied.
    private func alias(
        _ alias: String, at number: Int, of original: PromptWithVersions, _ matches: [Int],
        _ copy: ObservedPrompt?
    ) -> PlannedAlias? {
        guard let index = original.versions.firstIndex(where: { $0.number == number }) else { return nil }
        let goal: AliasGoal
        if index < matches.count {
            goal = .version(matches[index])
        } else {
            goal = index == original.versions.count - 1 ? .newest : .made(index - matches.count)
        }
        let current = copy?.aliases[alias]
        let action: AliasAction =
            current == nil ? .set : current.map(AliasGoal.version) == goal ? .unchanged : .move
        return PlannedAlias(alias: alias, action: action, previousVersion: current, goal: goal)
    }
}

extension PromptVersion {
    /// Whether another version has the same content and description.
    fileprivate func isSame(as other: PromptVersion) -> Bool {
        content.differences(from: other.content).isEmpty
            && (description ?? "").isIdentical(to: other.description ?? "")
    }
}
