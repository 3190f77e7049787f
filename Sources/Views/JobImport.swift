package import Diagnostics
package import Jobs
import Planning
package import Prompts
import Support

/// Why no job could be made of what a registry holds.
package enum JobImportError: Error, Hashable, Sendable {
    /// The files could not be written.
    case staging(StagingError)
    /// The job would not be read, for a reason that is about no prompt.
    case unreadable([Diagnostic])
    /// The job would change these prompts, though it says what they are: a fault of this program.
    case differs([String])
    /// Somebody asked to stop.
    case stopped
}

/// A job that is made of what a registry holds: it validates, and its plan against the same registry is empty, but that
/// it makes prompts of other jobs its own.
package struct JobImport: Sendable {
    /// Where the registry is.
    package let registry: RegistryLocation
    /// The alias whose versions were taken over; nil: the newest ones.
    package let alias: String?
    /// The prompts, by their full names.
    package let prompts: [String: ImportedPrompt]
    /// The job, as it is written down.
    package private(set) var export: JobExport

    /// Makes a job of prompts.
    ///
    /// - Parameters:
    ///   - listing: The prompts of one catalog and schema, each with the version that is taken over.
    ///   - address: The registry, as the job names it.
    ///   - schema: The schema; nil where names have none.
    ///   - name: The job's name; nil keeps that of the job that registered the prompts.
    ///   - usesFrontMatter: Whether the settings of prompts are written into their files.
    package init(
        _ listing: PromptListing, registry address: String, schema: QualifiedName.Schema?,
        name: String? = nil,
        usesFrontMatter: Bool = false
    ) {
        registry = listing.registry
        alias = listing.alias
        var prompts: [String: ImportedPrompt] = [:]
        var withoutVersions: [String] = []
        for entry in listing.entries {
            if let prompt = entry.prompt, let version = entry.version {
                prompts[entry.name] = ImportedPrompt(prompt, at: version)
            } else {
                withoutVersions.append(entry.name)
            }
        }
        self.prompts = prompts
        export = JobExport(
            of: prompts.values.map(\.registered), registry: address, schema: schema, name: name)
        export.usesFrontMatter = usesFrontMatter
        for name in withoutVersions { export.leaveOut(name, "it has no version") }
    }

    /// Puts the job's files into a folder: all of them, or none.
    ///
    /// - Parameters:
    ///   - folder: The folder that the files are for.
    ///   - replacing: Whether files that are there already may be replaced.
    ///   - isStopped: Whether somebody asked to stop, before anything is in its place.
    /// - Throws: `JobImportError`; the folder is as it was before.
    package mutating func write(
        to folder: StagedFolder, replacing: Bool, isStopped: () -> Bool
    ) throws(JobImportError) {
        try staging { () throws(StagingError) in
            try folder.check(export.files.map(\.path), replacing: replacing)
        }
        try stage(in: folder)
        if isStopped() { throw .stopped }
        if export.entries.isEmpty { return }
        try staging { () throws(StagingError) in try folder.move(export.files.map(\.path)) }
    }

    /// Writes the job into a folder, reads it again, and leaves out the prompts that a job cannot say. What is there
    /// then changes nothing in the registry.
    ///
    /// - Parameter folder: The folder.
    /// - Throws: `JobImportError`.
    package mutating func stage(in folder: StagedFolder) throws(JobImportError) {
        try write(export.files, in: folder)
        while !export.entries.isEmpty {
            let job = LoadedJob(path: "\(folder.path)/\(export.specPath)", inputs: JobInputs())
            if let state = job.state {
                if export.silence(job.diagnostics, writtenTo: folder.path) {
                    try replaceSpec(in: folder); continue
                }
                return try check(state)
            }
            let before = export.files
            let others = export.leaveOut(job.diagnostics, writtenTo: folder.path)
            let after = Set(export.files.map(\.path))
            if after.count == before.count { throw .unreadable(others) }
            for file in before where !after.contains(file.path) { folder.remove(file.path) }
            try replaceSpec(in: folder)
        }
    }

    private func replaceSpec(in folder: StagedFolder) throws(JobImportError) {
        folder.remove(export.specPath)
        try write(export.files.filter { $0.path == export.specPath }, in: folder)
    }

    private func write(
        _ files: [JobExport.File], in folder: StagedFolder
    ) throws(JobImportError) {
        try staging { () throws(StagingError) in
            for file in files { try folder.write(file.text, to: file.path) }
        }
    }

    private func staging(_ work: () throws(StagingError) -> Void) throws(JobImportError) {
        do throws(StagingError) { try work() } catch { throw .staging(error) }
    }

    /// Makes sure that the job wants just what there is.
    private func check(_ state: DesiredState) throws(JobImportError) {
        let plan = Planner().plan(
            state, observed: prompts.mapValues(\.observed), registry: RegistryLocation(""))
        var different = Set(export.entries.map(\.prompt.fullName))
        for planned in plan.prompts where isExpected(planned) { different.remove(planned.prompt.name) }
        if !different.isEmpty { throw .differs(different.sorted()) }
    }

    /// Whether a run would leave a prompt as it is, but for tags that it has to take away and the job that had it.
    private func isExpected(_ planned: PlannedPrompt) -> Bool {
        let takesTagsAway = prompts[planned.prompt.name]?.leftOutTags.contains(where: \.isManaged) ?? false
        let expected: Set<Difference> = takesTagsAway ? [.tags, .job] : [.job]
        let isSame =
            planned.action == .unchanged
            || (planned.action == .retag && expected.isSuperset(of: planned.differences))
        return isSame && planned.aliases.allSatisfy { $0.action == .unchanged }
    }

    // MARK: Remarks

    /// The prompts of other jobs, by job; those of no job are at nil.
    package var notOwned: [String?: [String]] {
        Dictionary(grouping: export.entries.filter { $0.prompt.job != export.job }, by: \.prompt.job)
            .mapValues { $0.map(\.name) }
    }

    /// What is not in the job, or would not stay as it is, besides the prompts that are left out.
    package var remarks: [String] {
        var remarks: [String] = []
        var tags: [ImportedPrompt.LeftOutTag: [String]] = [:]
        for entry in export.entries {
            guard let prompt = prompts[entry.prompt.fullName] else { continue }
            if let newest = prompt.newest, newest != prompt.version.number {
                remarks.append(
                    "'\(entry.name)' is taken over as its version \(prompt.version.number) has it; as the newest "
                        + "is \(newest), a run registers it anew")
            }
            for (alias, number) in prompt.otherAliases.sorted(by: { $0.key < $1.key }) {
                remarks.append(
                    "the alias '\(alias)' of '\(entry.name)' is on version \(number), and version "
                        + "\(prompt.version.number) is what was written, so the job does not set it there")
            }
            for tag in prompt.leftOutTags { tags[tag, default: []].append(entry.name) }
        }
        for job in notOwned.keys.compactMap(\.self).sorted() {
            let names = notOwned[job, default: []]
            remarks.append(
                "the job '\(job)' has \(names.listed(5)); the first run of this one takes that over, as adopt: true says: "
                    + "take it out of the other job then, or out of this one to leave it there")
        }
        for (tag, names) in tags.sorted(by: { ($0.key.key, $0.key.reason) < ($1.key.key, $1.key.reason) }) {
            let next = tag.isManaged ? ", and the next run takes it away" : ""
            remarks.append(
                "the tag '\(tag.key)' \(tag.reason), so the job does not set it\(next): "
                    + names.listed(5))
        }
        return remarks
    }
}
