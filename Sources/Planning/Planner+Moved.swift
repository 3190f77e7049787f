import Jobs
import Prompts
import Support

// A prompt that got another name in the job. No registry renames one: its versions are registered again under the new
// name, in order, each with a mark of its origin, so that a run goes on where another one was stopped. The old name is
// marked last: what comes under it after that is not taken any more.
extension Planner {
    /// Plans to carry versions, aliases and journals over to the new names of prompts, and to mark the old ones.
    func addMoved(
        to prompts: inout [PlannedPrompt], _ observed: [String: ObservedPrompt], of state: DesiredState,
        in registry: any PromptRegistry
    ) async throws(RegistryError) {
        let wanted = Dictionary(
            state.prompts.compactMap { $0.movedFrom == nil ? nil : ($0.fullName, $0) }
        ) { first, _ in first }
        let moved = prompts.indices.filter { wanted[prompts[$0].prompt.name] != nil }
        guard !moved.isEmpty else { return }
        let sources = try await registry.observe(
            Set(moved.compactMap { wanted[prompts[$0].prompt.name]?.movedFrom }).sorted())
        var marked: [PlannedPrompt] = []
        for index in moved {
            let name = prompts[index].prompt.name
            guard let desired = wanted[name], let source = desired.movedFrom.flatMap({ sources[$0] }),
                prompts[index].problem == nil
            else { continue }
            let versions = try await registry.versions(of: source.name).sorted { $0.number < $1.number }
            let present = observed[name] == nil ? [] : try await registry.versions(of: name)
            var planned = prompts[index]
            let isDone = source.tags[ProvenanceTag.movedTo] == name && !present.isEmpty
            if !isDone { carry(versions, of: source, to: &planned, observed[name], present) }
            let isOpen = planned.movedFrom != nil || source.tags[ProvenanceTag.movedTo] != name
            if isOpen, let owner = source.tags[ProvenanceTag.job], owner != state.job {
                planned.previousJob = owner
                if !request.adopts, !desired.isAdopted {
                    // Where nothing has to come over, it is the other job's alone.
                    guard planned.movedFrom != nil else { continue }
                    planned.problem = Self.belongs(to: owner, not: state.job)
                }
            }
            prompts[index] = planned
            if planned.problem == nil, planned.movedFrom != nil, planned.action.makesVersion {
                addForeign(of: source, versions, to: &prompts[index], desired, of: state)
            }
            guard prompts[index].problem == nil, source.tags[ProvenanceTag.movedTo] != name else { continue }
            var mark = PlannedPrompt(PromptSubject(fullName: source.name), of: source, aliases: [])
            mark.action = .retag
            mark.changes.promptTags[ProvenanceTag.movedTo] = name
            mark.differences = [.tags]
            marked.append(mark)
        }
        prompts += marked
    }

    /// Finds what something else made under the old name, which a run under the new one would replace no less.
    private func addForeign(
        of source: ObservedPrompt, _ versions: [PromptVersion], to planned: inout PlannedPrompt,
        _ desired: DesiredPrompt, of state: DesiredState
    ) {
        var desired = desired
        desired.fullName = source.name
        let known = KnownVersions(versions, aliases: source.aliases)
        var source = source
        source.newest = known.newest
        guard let newest = source.newest, mayReplaceForeign(source, desired, of: state) else { return }
        let differs = !desired.content.differences(from: newest.content).isEmpty
        let aliases = Dictionary(grouping: desired.aliases) { source.aliases[$0] }.filter { number, _ in
            number.map { differs || $0 != newest.number } ?? false
        }
        planned.replaces(
            replaced(among: known.all, newest, desired, aliases: aliases, of: state), newest: newest.number,
            for: state.job)
    }

    private func carry(
        _ versions: [PromptVersion], of source: ObservedPrompt, to planned: inout PlannedPrompt,
        _ target: ObservedPrompt?, _ present: [PromptVersion]
    ) {
        let origin = { (version: PromptVersion) in "\(source.name)/\(version.number)" }
        // Those of another old name that came over before are the new name's own.
        let known = Dictionary(
            present.compactMap { version in
                version.tags[ProvenanceTag.movedFrom].flatMap {
                    $0.hasPrefix("\(source.name)/") ? ($0, version.number) : nil
                }
            }
        ) { first, _ in first }
        let missing = versions.filter { known[origin($0)] == nil }
        if known.isEmpty, !present.isEmpty, !missing.isEmpty {
            planned.problem = RegistryError(
                .nameTaken,
                "'\(planned.prompt.name)' has versions of its own, so that those of '\(source.name)' cannot come over",
                hint: "take the entry off 'moved'; it has to be there before the first run under the new name"
            )
            return
        }
        // What it has got since its versions came over stays.
        guard !versions.isEmpty, missing.isEmpty || known.count == present.count else { return }
        planned.movedFrom = source.name
        var drafts = missing.map { version in
            var tags = version.tags.filter { !Self.localTags.contains($0.key) }
            tags[ProvenanceTag.movedFrom] = origin(version)
            return VersionDraft(content: version.content, description: version.description, tags: tags)
        }
        let isSame =
            drafts.last.map { planned.version.content.differences(from: $0.content).isEmpty } ?? false
        if isSame, let last = drafts.popLast() {
            planned.version.description = last.description
            planned.version.tags = last.tags.merging(planned.version.tags) { _, new in new }
        }
        if !missing.isEmpty {
            planned.earlierVersions = drafts
            planned.action = planned.exists ? .update : .create
            planned.previousContent = nil
            planned.differences = [.name]
        }
        let leftBehind = [ProvenanceTag.movedTo, AliasLog.tag, AliasLog.movingBackTag]
        var tags = source.tags.filter { !leftBehind.contains($0.key) }
        tags.merge(planned.prompt.tags) { _, new in new }
        if planned.prompt.description == nil { planned.prompt.description = source.description }
        // Where numbers were left out, the journal's are the old ones: each version has the one that it gets.
        var numbers = Dictionary(
            versions.compactMap { version in known[origin(version)].map { (version.number, $0) } }
        ) { first, _ in first }
        for (index, version) in missing.enumerated() {
            numbers[version.number] = (planned.previousVersion ?? 0) + index + 1
        }
        let journal = target?.tags[AliasLog.tag] == nil ? source.tags[AliasLog.tag] : nil
        tags[AliasLog.tag] = AliasLog(continuing: journal).renumbered(numbers)
        planned.prompt.tags = tags
        // Its journal may be there before its aliases, which nothing has removed.
        planned.drift.removeAll { $0.place == nil }
        let own = Set(planned.aliases.map(\.alias))
        for (alias, number) in source.aliases.sorted(by: { $0.key < $1.key }) where !own.contains(alias) {
            guard target?.aliases[alias] == nil, let goal = numbers[number] else { continue }
            let index = goal - (planned.previousVersion ?? 0) - 1
            let isMade = planned.earlierVersions.indices.contains(index)
            planned.aliases.append(
                PlannedAlias(
                    alias: alias, action: .set, previousVersion: nil,
                    goal: isMade ? .made(index) : index < 0 ? .version(goal) : .newest))
        }
        guard !missing.isEmpty else {
            let isAll = planned.aliases.allSatisfy { $0.action == .unchanged }
            if isAll, tags[AliasLog.tag] == nil { planned.movedFrom = nil }
            return
        }
        for index in planned.aliases.indices where own.contains(planned.aliases[index].alias) {
            if planned.aliases[index].action == .unchanged { planned.aliases[index].action = .move }
        }
    }

    private static let localTags: Set<String> = [RunMark.tag, VersionKey.tag, ProvenanceTag.accepted]
}

extension AliasLog {
    /// The journal's text with other numbers for versions; nil for an empty one.
    fileprivate func renumbered(_ numbers: [Int: Int]) -> String? {
        guard !entries.isEmpty else { return nil }
        let moves = entries.map { entry in
            var entry = entry
            entry.from = entry.from.map { numbers[$0] ?? $0 }
            entry.to = entry.to.map { numbers[$0] ?? $0 }
            return entry
        }
        return AliasLog(entries: moves).text(limit: 5000)
    }
}
