import Diagnostics
package import Jobs
import Planning
package import Prompts
import Support

/// What a registry holds, written back into the files of a job.
package struct JobPull: Hashable, Sendable {
    /// A prompt that is taken.
    package struct Entry: Hashable, Sendable {
        /// The name within the job.
        package var name: String
        /// The version that is taken; nil where there is none.
        package var version: Int?
        /// Why it cannot be written back, or what of it cannot.
        package var problem: String?
        /// What is not written back, and why.
        package var remarks: [String] = []
    }

    /// Where the registry is.
    package let registry: RegistryLocation
    /// The job.
    package let job: String
    /// The prompts.
    package private(set) var entries: [Entry] = []
    /// The files that change, in the order in which they are written; none where anything cannot be written back.
    package private(set) var files: [PulledFile] = []

    /// Whether a prompt cannot be written back, so that nothing is.
    package var isRefused: Bool { entries.contains { $0.problem != nil } }

    /// Makes the changes of a pull.
    ///
    /// - Parameters:
    ///   - desired: The job, with the prompts that are wanted.
    ///   - whole: The job with all its prompts.
    ///   - inputs: What the job was read with.
    ///   - alias: The alias whose versions are taken; nil takes the newest.
    ///   - registry: The registry; only read.
    /// - Throws: `RegistryError`.
    package init(
        of desired: DesiredState, in whole: DesiredState, inputs: JobInputs, alias: String?,
        from registry: any PromptRegistry
    ) async throws(RegistryError) {
        self.registry = registry.location
        job = desired.job
        let listing = try await PromptListing(.job(desired), alias: alias, in: registry)
        if let alias, !listing.knownAliases.contains(alias) {
            throw RegistryError(
                .notFound, "none of the prompts has the alias '\(alias)'",
                hint: didYouMean(alias, in: listing.knownAliases.sorted())
                    ?? "promptreg list shows the prompts with their aliases")
        }
        var taken: [String: ObservedPrompt] = [:]
        var wanted: [PulledPrompt] = []
        let found = Dictionary(listing.entries.map { ($0.name, $0) }) { first, _ in first }
        for prompt in desired.prompts {
            guard let listed = found[prompt.fullName], var observed = listed.prompt,
                let version = listed.version
            else {
                let missing =
                    alias.map { "it has no version with the alias '\($0)'" } ?? "it is not registered"
                entries.append(Entry(name: prompt.name, remarks: [missing]))
                continue
            }
            observed.newest = version
            let tags = PulledTags(prompt, observed, version)
            taken[prompt.fullName] = observed
            wanted.append(
                PulledPrompt(
                    name: prompt.name, content: version.content,
                    description: observed.description.flatMap { $0.isEmpty ? nil : $0 } ?? prompt.description,
                    tags: tags.tags))
            entries.append(Entry(name: prompt.name, version: version.number, remarks: tags.remarks))
        }
        // What cannot be written is left out, so that all of it is told, and the rest is known to be right.
        while true {
            entries.removeSubrange(desired.prompts.count...)
            let remarks = change(wanted, of: whole)
            if wanted.allSatisfy({ problem(of: $0.name) == nil }) { check(taken, wanted, of: whole, inputs) }
            let rest = wanted.filter { problem(of: $0.name) == nil }
            if rest.count == wanted.count {
                for index in entries.indices {
                    if let remark = remarks[entries[index].name] { entries[index].remarks.append(remark) }
                }
                break
            }
            wanted = rest
        }
        if isRefused {
            files = []
            return
        }
        // The last file: a pull that is killed before leaves what a run still refuses to replace.
        let foreign = taken.sorted { $0.key < $1.key }.compactMap { name, observed in
            observed.newest.flatMap {
                $0.maker(of: name, for: whole.job).isForeign || $0.mayBeCopied
                    ? PulledVersions.Version($0, of: name, target: whole.target) : nil
            }
        }
        if let note = whole.pulled.file(adding: foreign) { files.append(note) }
    }

    private mutating func fail(_ name: String, _ reason: String) {
        guard let index = entries.firstIndex(where: { $0.name == name }), entries[index].problem == nil else {
            return
        }
        entries[index].problem = reason
    }

    private func problem(of name: String) -> String? { entries.first { $0.name == name }?.problem }

    /// Changes the files; what of each prompt is lost in them.
    private mutating func change(_ prompts: [PulledPrompt], of whole: DesiredState) -> [String: String] {
        do throws(PullProblem) {
            var files = try JobFiles(of: whole)
            for prompt in prompts {
                do throws(PullProblem) { try files.take(prompt) } catch { fail(prompt.name, error.reason) }
            }
            self.files = try files.changed()
            return files.remarks
        } catch {
            for prompt in prompts { fail(prompt.name, error.reason) }
            return [:]
        }
    }

    /// Reads the changed files as a job, in a folder of their own, and makes sure that a plan of it is empty.
    private mutating func check(
        _ taken: [String: ObservedPrompt], _ wanted: [PulledPrompt], of whole: DesiredState,
        _ inputs: JobInputs
    ) {
        if files.isEmpty { return check(taken, wanted, of: whole, reading: whole) }
        let copy: JobCopy
        do throws(StagingError) {
            copy = try JobCopy(of: whole, changing: files)
        } catch {
            return entries.indices.forEach { entries[$0].problem = entries[$0].problem ?? error.message }
        }
        defer { copy.discard() }
        let read = LoadedJob(path: copy.specPath, inputs: inputs)
        guard let state = read.state else {
            let errors = read.diagnostics.sorted.filter { $0.severity == .error }
            let reason = { (error: Diagnostic?) in
                "the job would be wrong: \(error.map { copy.original($0.message) } ?? "it cannot be read")"
            }
            let paths = Dictionary(
                whole.prompts.map { ($0.name, Set($0.files.compactMap(copy.path))) }
            ) { first, _ in first }
            for prompt in wanted {
                let own = errors.first { error in
                    error.location.map { paths[prompt.name]?.contains($0.file) == true } ?? false
                }
                if let own { fail(prompt.name, reason(own)) }
            }
            if wanted.contains(where: { problem(of: $0.name) != nil }) { return }
            for prompt in wanted { fail(prompt.name, reason(errors.first)) }
            return
        }
        check(taken, wanted, of: whole, reading: state)
    }

    /// Makes sure that a plan of the job as it would be is empty.
    private mutating func check(
        _ taken: [String: ObservedPrompt], _ wanted: [PulledPrompt], of whole: DesiredState,
        reading state: DesiredState
    ) {
        let before = Dictionary(whole.prompts.map { ($0.name, $0) }) { first, _ in first }
        let tags = Dictionary(wanted.map { ($0.name, $0.tags) }) { first, _ in first }
        let plan = Planner().plan(state, observed: taken, registry: registry)
        for (prompt, planned) in zip(state.prompts, plan.prompts) {
            if let observed = taken[prompt.fullName] {
                let content = observed.newest?.content ?? prompt.content
                let left = prompt.content.differences(from: content)
                if !left.isEmpty {
                    let words = left.map { $0.words(prompt.content, content) }.joined(separator: ", ")
                    fail(
                        prompt.name,
                        "its \(words) cannot be written there: change '\(FilePath.name(of: prompt.template.path))' by hand"
                    )
                } else if planned.changes.description != nil {
                    fail(prompt.name, "its description cannot be written there")
                } else if prompt.tags != tags[prompt.name] {
                    fail(prompt.name, "its tags cannot be written there")
                }
            } else if let old = before[prompt.name], old.content != prompt.content {
                entries.append(
                    Entry(name: prompt.name, problem: "it would change with others, as they share a file"))
            }
        }
        if state.prompts.map(\.name) != whole.prompts.map(\.name) {
            entries.append(Entry(name: whole.specPath, problem: "the job would have other prompts"))
        }
    }
}

extension Difference {
    /// What differs, with the settings that do.
    fileprivate func words(_ own: PromptContent, _ other: PromptContent) -> String {
        if self == .template { return "text" }
        guard self == .modelConfig, let own = own.modelConfig, let other = other.modelConfig else {
            return rawValue
        }
        let (one, two) = (JSONValue(stored: own), JSONValue(stored: other))
        guard case .object(let members) = one, case .object(let others) = two else { return rawValue }
        let names = Set((members + others).map(\.key)).filter { one[$0] != two[$0] }.sorted()
        return "\(rawValue) (\(names.listed(5)))"
    }
}

/// The tags that a job has to set for a registry to stay as it is.
private struct PulledTags {
    var tags: [String: String]
    var remarks: [String] = []

    init(_ desired: DesiredPrompt, _ prompt: ObservedPrompt, _ version: PromptVersion) {
        tags = desired.tags
        let managed = Set(
            (version.tags[ProvenanceTag.managedTags] ?? "").split(separator: ",").map(String.init))
        let keys = Set(desired.tags.keys).union(prompt.tags.keys).union(version.tags.keys)
        for key in keys.sorted() where !ReservedTag.isReserved(key) {
            let (own, versions) = (prompt.tags[key], version.tags[key])
            if let own, own.isIdentical(to: versions ?? "") || own == versions {
                guard JobExport.problem(withTag: key, value: own) == nil else { continue }
                tags[key] = own
            } else if desired.tags[key] != nil {
                // Whoever makes a version by hand seldom thinks of the job's tags: what the prompt has counts.
                if let value = own ?? (managed.contains(key) ? versions : nil) {
                    tags[key] = value
                    remarks.append(
                        versions == nil
                            ? "the tag '\(key)' is not on version \(version.number); the next run sets it there"
                            : "the tag '\(key)' differs between the prompt and its version")
                } else {
                    tags[key] = nil
                    if versions != nil {
                        remarks.append(
                            "the tag '\(key)' is on the version alone, so that the job no longer sets it")
                    }
                }
            }
        }
    }
}
