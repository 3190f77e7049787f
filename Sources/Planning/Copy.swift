package import Prompts
import Support

/// Takes prompts over from one registry into another: versions, tags and aliases. It never writes.
///
/// Versions are matched by what they say, in their order. What the other registry has already is not made again, so
/// that copying twice changes nothing; numbers may differ, and aliases follow the versions.
package struct Copy: Sendable {
    /// The alias whose versions alone are taken over; nil takes all.
    package var alias: String?
    /// The catalog in the other registry; nil keeps it.
    package var catalog: String?
    /// The schema in the other registry; nil keeps it.
    package var schema: String?

    /// A copy.
    ///
    /// - Parameters:
    ///   - alias: The alias whose versions alone are taken over; nil takes all.
    ///   - catalog: The catalog in the other registry; nil keeps it.
    ///   - schema: The schema in the other registry; nil keeps it.
    package init(alias: String? = nil, catalog: String? = nil, schema: String? = nil) {
        self.alias = alias
        self.catalog = catalog
        self.schema = schema
    }

    /// The tags that mean something in their own registry only.
    private static let localTags: Set<String> = [AliasLog.tag, ReservedTag.experimentIDs, RunMark.tag]

    /// The plan that copies prompts.
    ///
    /// - Parameters:
    ///   - names: The full names in the registry that they are taken from.
    ///   - source: That registry, which is read.
    ///   - destination: The other one, which is read as well.
    ///   - concurrency: How many prompts are read at a time.
    /// - Returns: The plan, and the names of those prompts that have nothing to be taken over.
    /// - Throws: `RegistryError` when a registry cannot be read.
    package func plan(
        _ names: [String], from source: any PromptRegistry, to destination: any PromptRegistry,
        concurrency: Int = 8
    ) async throws(RegistryError) -> (plan: Plan, empty: [String]) {
        let originals = try await Self.read(names, in: source, concurrency: concurrency)
        let copies = try await Self.read(names.map(target), in: destination, concurrency: concurrency)
        var prompts: [PlannedPrompt] = []
        var empty: [String] = []
        for name in names {
            guard let original = originals[name].map(selected), !original.versions.isEmpty else {
                empty.append(name)
                continue
            }
            prompts.append(plan(original, copies[target(of: name)]))
            if let problem = Self.problem(with: prompts[prompts.count - 1], in: destination) {
                prompts[prompts.count - 1].problem = problem
            }
        }
        return (Plan(operation: .copy, job: nil, registry: destination.location, prompts: prompts), empty)
    }

    /// The name of a prompt's copy.
    private func target(of name: String) -> String {
        var parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 3 else { return name }
        parts[0] = catalog ?? parts[0]
        parts[1] = schema ?? parts[1]
        return parts.joined(separator: ".")
    }

    /// The part of a full name after the schema.
    private static func shortName(of name: String) -> String {
        let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[2]) : name
    }

    // MARK: What there is

    /// A prompt with its versions, oldest first.
    private struct Whole: Sendable {
        var prompt: ObservedPrompt
        var versions: [PromptVersion]
    }

    private static func read(
        _ names: [String], in registry: any PromptRegistry, concurrency: Int
    ) async throws(RegistryError) -> [String: Whole] {
        let observed = try await registry.observe(names)
        let there = names.filter { observed[$0] != nil }
        let versions = try await concurrentMap(there, limit: concurrency) {
            (name) async throws(RegistryError) in
            try RegistryError.checkCancellation()
            do throws(RegistryError) {
                return try await registry.versions(of: name)
            } catch {
                throw error.about(name)
            }
        }
        var wholes: [String: Whole] = [:]
        for (name, versions) in zip(there, versions) {
            wholes[name] = observed[name].map {
                Whole(prompt: $0, versions: versions.sorted { $0.number < $1.number })
            }
        }
        return wholes
    }

    /// The part of a prompt that is taken over.
    private func selected(_ whole: Whole) -> Whole {
        var part = whole
        part.prompt.tags = whole.prompt.tags.filter { !Self.localTags.contains($0.key) }
        for index in part.versions.indices {
            part.versions[index].tags = part.versions[index].tags.filter { !Self.localTags.contains($0.key) }
        }
        guard let alias else { return part }
        let number = whole.prompt.aliases[alias]
        part.prompt.aliases = whole.prompt.aliases.filter { $0.key == alias }
        part.versions.removeAll { $0.number != number }
        return part
    }

    // MARK: What is to be done

    private func plan(_ original: Whole, _ copy: Whole?) -> PlannedPrompt {
        let present = copy?.versions ?? []
        let matches = Self.matches(of: original.versions, in: present)
        let missing = original.versions.dropFirst(matches.count)
        let drafts = missing.map {
            VersionDraft(content: $0.content, description: $0.description, tags: $0.tags)
        }
        let last = original.versions.last.map {
            VersionDraft(content: $0.content, description: $0.description, tags: $0.tags)
        }
        let content = last?.content ?? PromptContent(kind: .text, template: "")
        let tags = original.prompt.tags
        let name = target(of: original.prompt.name)
        let newest = copy?.prompt.newest
        let replaced = missing.isEmpty ? nil : newest
        var planned = PlannedPrompt(
            name: Self.shortName(of: name),
            prompt: PromptDraft(name: name, description: original.prompt.description, tags: tags),
            version: last ?? VersionDraft(content: content), earlierVersions: Array(drafts.dropLast()),
            action: copy == nil ? .create : missing.isEmpty ? .unchanged : .update,
            differences: replaced.map { content.differences(from: $0.content) } ?? [], exists: copy != nil,
            previousVersion: newest?.number, previousContent: replaced?.content,
            previousContentVersion: replaced?.number, changes: MetadataChanges(), aliases: [],
            aliasLog: copy?.prompt.tags[AliasLog.tag],
            source: TemplateSource(registered: content, replacing: replaced?.content))
        if let copy { addChanges(to: &planned, original, matches.map { present[$0] }, copy.prompt) }
        planned.aliases = original.prompt.aliases.sorted { $0.key < $1.key }.compactMap { alias, number in
            self.alias(alias, at: number, of: original, matches.map { present[$0].number }, copy?.prompt)
        }
        return planned
    }

    /// Which versions of the copy are those of the original, as far as it has them from the first one on.
    ///
    /// - Returns: An index into `present` for each; the latest that there can be, so that an alias which is on a
    ///   version that says the same need not move.
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

    /// Adds what changes in place. What the copy has besides is left alone.
    private func addChanges(
        to planned: inout PlannedPrompt, _ original: Whole, _ matches: [PromptVersion], _ copy: ObservedPrompt
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

    /// What happens to an alias; nil where the version that it points to is not taken over.
    private func alias(
        _ alias: String, at number: Int, of original: Whole, _ matches: [Int], _ copy: ObservedPrompt?
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

    private static func problem(
        with planned: PlannedPrompt, in registry: any PromptRegistry
    ) -> RegistryError? {
        do throws(RegistryError) {
            for version in planned.earlierVersions + [planned.version] {
                try registry.check(planned.prompt, version)
            }
            return nil
        } catch {
            return error
        }
    }
}

extension PromptVersion {
    /// Whether another version says the same.
    fileprivate func isSame(as other: PromptVersion) -> Bool {
        content.differences(from: other.content).isEmpty
            && (description ?? "").isIdentical(to: other.description ?? "")
    }
}
