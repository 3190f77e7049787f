import ArgumentParsing
import Diagnostics
import Execution
import FoundationEssentials
import Jobs
import Prompts
import Reporting
import Support
import Views

/// `promptreg import`: writes what a registry holds as templates and a job.
struct ImportCommand: ViewCommand {
    var query = PromptQuery()
    /// Whether prompts without a catalog and a schema are meant.
    var takesUnqualified = false
    var alias: String?
    /// The name of the job that is written; nil leaves it to what registered the prompts.
    var jobName: String?
    var folder = ""
    var replacesFiles = false
    /// Whether the settings of prompts are written into their files.
    var usesFrontMatter = false
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        switch (query.catalog, query.schema) {
        case (let catalog?, nil): throw Self.incomplete("--catalog", catalog, missing: "--schema")
        case (nil, let schema?): throw Self.incomplete("--schema", schema, missing: "--catalog")
        case (let catalog?, _) where takesUnqualified:
            throw UsageError.Reason.conflictingFlags("--all", "--catalog \(catalog)")
        default: break
        }
    }

    private static func incomplete(_ flag: String, _ value: String, missing: String) -> UsageError.Reason {
        .invalidValue(
            subject: flag, value: value,
            problem: "it needs \(missing) beside it: give both, or --all for names without them")
    }

    /// Which prompts are meant: those of a schema that is named, else of the job's.
    private func query(in place: Place) throws(CommandFailure) -> PromptQuery {
        if takesUnqualified || query.catalog != nil { return query }
        guard let query = place.query else {
            throw CommandFailure(
                .usage, "it is not said which prompts to write",
                hint: "pass --catalog and --schema, or --all for prompts without them")
        }
        return query
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let place = try context.place(view.job)
        let query = try query(in: place)
        try ListCommand.check(query, for: place.address)
        let alias = alias
        var listing = try await context.read(place, view.remote) { registry async throws(RegistryError) in
            var listing = try await PromptListing(.query(query), alias: alias, in: registry)
            if takesUnqualified { listing.entries.removeAll { QualifiedName($0.name).schema != nil } }
            if listing.entries.isEmpty { throw emptiness(of: listing, query, place.query) }
            return listing
        }
        var selected = try PromptSelection.names(
            view.job.select, of: listing.entries.map(\.name),
            in: "\(listing.registry)" + (alias.map { " with the alias '\($0)'" } ?? ""),
            forms: PromptSelection.forms)
        try leaveOutMoved(&listing, &selected, context.console)
        let schema = query.catalog.flatMap { catalog in
            query.schema.map { QualifiedName.Schema(catalog: catalog, name: $0) }
        }
        let name = jobName(for: listing, Set(selected), schema, context.console)
        listing.entries.removeAll { !selected.contains($0.name) }
        let job = try write(listing, schema, name, from: place.address, context.console)
        switch view.format {
        case .json: context.console.write(ImportJSON.render(job, folder: folder))
        case .text where context.console.isQuiet: break
        case .text:
            context.console.write(ImportText.render(job, folder: folder, context.console.textStyle))
        }
        tell(job, context.console)
        return job.export.leftOut.isEmpty ? .done : .failed
    }

    /// Leaves out what only stays under a prompt's old name, and says so.
    private func leaveOutMoved(
        _ listing: inout PromptListing, _ selected: inout [String], _ console: Console
    ) throws(CommandFailure) {
        let moved = listing.entries.compactMap { entry in
            entry.prompt?.tags[ProvenanceTag.movedTo].map { (name: entry.name, newName: $0) }
        }
        for (name, newName) in moved where selected.contains(name) {
            console.note("'\(name)' is left out: it is '\(newName)' by now")
        }
        let names = Set(moved.map(\.name))
        listing.entries.removeAll { names.contains($0.name) }
        selected.removeAll { names.contains($0) }
        guard selected.isEmpty else { return }
        throw CommandFailure(
            .failed, "nothing was written to '\(folder)': these prompts have other names by now",
            hint: moved.first.map { "name one of those, such as --select \($0.newName.shellWord)" })
    }

    /// The name of the job that is written. One of which only a part is written keeps its name for itself: under it,
    /// the new job would prune the rest.
    private func jobName(
        for listing: PromptListing, _ selected: Set<String>, _ schema: QualifiedName.Schema?,
        _ console: Console
    ) -> String? {
        let jobs = { (entries: [PromptListing.Entry]) in
            Set(entries.compactMap { $0.prompt?.owner })
        }
        let parted = jobs(listing.entries.filter { selected.contains($0.name) })
            .intersection(jobs(listing.entries.filter { !selected.contains($0.name) }))
        guard !parted.isEmpty else { return jobName }
        if let jobName, parted.contains(jobName) {
            console.warning(
                "the job '\(jobName)' has prompts that were not selected; run --prune of what was written takes their "
                    + "aliases away")
            return jobName
        }
        var name = jobName ?? JobExport.name(in: schema)
        while parted.contains(name) { name += "_part" }
        console.warning(
            "the job \(parted.sorted().listed(5)) has prompts that were not selected, so what was written is another "
                + "job, '\(name)'")
        return name
    }

    /// Writes the files, all of them or none.
    private func write(
        _ listing: PromptListing, _ schema: QualifiedName.Schema?, _ name: String?,
        from address: RegistryAddress, _ console: Console
    ) throws(CommandFailure) -> JobImport {
        let interruption = Interruption()
        let signals = SignalWatch(interruption, console)
        defer { signals.cancel() }
        do throws(JobImportError) {
            let folder = try stagedFolder()
            defer { folder.discard() }
            var job = JobImport(
                listing, registry: address.named(in: folder.target + "/jobs"), schema: schema, name: name,
                usesFrontMatter: usesFrontMatter)
            try job.write(to: folder, replacing: replacesFiles) { interruption.signal != nil }
            return job
        } catch {
            throw failure(error, interruption)
        }
    }

    private func stagedFolder() throws(JobImportError) -> StagedFolder {
        do throws(StagingError) { return try StagedFolder(for: folder) } catch { throw .staging(error) }
    }

    // MARK: Words

    private func emptiness(
        of listing: PromptListing, _ query: PromptQuery, _ known: PromptQuery?
    ) -> RegistryError {
        let schema = { (query: PromptQuery) in
            query.catalog.flatMap { catalog in query.schema.map { "\(catalog).\($0)" } }
        }
        let scope = schema(query).map { " in \($0)" } ?? ""
        let near = schema(query).flatMap { didYouMean($0, in: [known.flatMap(schema)].compactMap(\.self)) }
        let unqualified = takesUnqualified ? " whose names have no catalog and schema" : ""
        let with = listing.alias.map { " with the alias '\($0)'" } ?? ""
        return RegistryError(
            .notFound, "there are no prompts\(unqualified)\(with)\(scope) of \(listing.registry)",
            hint: listing.alias.flatMap { didYouMean($0, in: listing.knownAliases.sorted()) } ?? near
                ?? "promptreg list --registry \(listing.registry.address.description.shellWord) shows the existing prompts"
        )
    }

    /// Says what is not in the job, and what to do next.
    private func tell(_ job: JobImport, _ console: Console) {
        for prompt in job.export.leftOut {
            console.warning("'\(prompt.fullName)' is left out: \(prompt.reason)")
        }
        if job.export.entries.isEmpty {
            console.error("nothing was written to '\(folder)': no prompt can be expressed as a job")
            return
        }
        for remark in job.remarks { console.warning(remark) }
        // Said in any case, as the exit code is that of a failure.
        let leftOut = job.export.leftOut.count
        if leftOut > 0 {
            console.error("\(leftOut) of \(leftOut + job.export.entries.count) prompts are left out")
        }
        if let names = job.notOwned[nil] {
            console.note("no job registered \(names.listed(5)); a run with --adopt makes that this job's")
        }
        console.note("Next: promptreg plan \("\(folder)/\(job.export.specPath)".shellWord)")
    }

    /// Why nothing was written.
    private func failure(_ error: JobImportError, _ interruption: Interruption) -> CommandFailure {
        let nothing = "nothing was written to '\(folder)'"
        switch error {
        case .stopped:
            return CommandFailure(interruption.signal.map(ExitCode.init(signal:)) ?? .failed, nothing)
        case .staging(let problem):
            let shown = problem.obstacles.listed(10)
            return CommandFailure(
                problem.obstacles.isEmpty ? .failed : .usage,
                "\(nothing): \(problem.message)\(shown.isEmpty ? "" : ": ")\(shown)",
                hint: problem.isReplaceable ? "pass --force to replace them" : nil)
        case .unreadable(let found):
            var failure = CommandFailure(.failed)
            failure.messages = found.prefix(10).map {
                CommandFailure.Message(text: $0.message, hint: $0.help)
            }
            failure.messages.append(CommandFailure.Message(text: "\(nothing): the job would not be valid"))
            return failure
        case .differs(let names):
            return CommandFailure(
                .failed, "\(nothing): the job would change \(names.prefix(10).joined(separator: ", "))",
                hint: "this is a bug in promptreg; please report it, with such a prompt")
        }
    }
}

extension ImportCommand {
    static let name = "import"
    static let definition = CommandDefinition<Self>(
        name, summary: "Write what a registry holds as templates and a job",
        discussion: [
            "Writes DIR/prompts and DIR/jobs such that the job is valid and its plan against the same registry is "
                + "empty: to continue from files with prompts that were made elsewhere. Those of another job say "
                + "adopt: true: the first run makes them this job's. Nothing is written to the "
                + "registry, and all files are written or none. A prompt that cannot be expressed as a job is left "
                + "out and reported."
        ],
        options: [
            OptionGroup(
                "Import flags",
                [
                    Option(
                        Flag(
                            "catalog", value: .text("NAME"),
                            help: "The catalog of the prompts to write; else the job's"),
                        \.query.catalog, read: ArgumentReader.level),
                    Option(
                        Flag(
                            "schema", value: .text("NAME"),
                            help: "The schema of the prompts to write; else the job's"),
                        \.query.schema, read: ArgumentReader.level),
                    Option(
                        Flag("all", help: "Write all prompts whose names have no catalog and schema"),
                        \.takesUnqualified), JobOptions.select.at(\.view.job.select),
                    Option(
                        Flag(
                            "alias", value: .text("ALIAS"),
                            help: "Only prompts with this alias, at the versions that it points to"),
                        \.alias, read: ArgumentReader.optionalAlias),
                    Option(
                        Flag(
                            "job-name", value: .text("NAME"),
                            help: "What to call the job that is written"),
                        \.jobName
                    ) { name throws(ArgumentProblem) in
                        if let problem = JobExport.problem(withName: name) { throw ArgumentProblem(problem) }
                        return name
                    },
                    Option(
                        Flag("into", value: .directory("DIR"), help: "Where to put jobs/ and prompts/"),
                        \.folder, isRequired: true
                    ) { $0 },
                    Option(
                        Flag(
                            "front-matter",
                            help: "Write the settings of prompts into their files, and a short job"),
                        \.usesFrontMatter),
                    Option(Flag("force", help: "Replace files that are there already"), \.replacesFiles),
                ]), OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + ViewOptions.groups(\.view),
        examples: [
            Command.Example(
                "promptreg import --registry databricks-uc --catalog main --schema agent --into agent",
                "Adopt the prompts of a schema"),
            Command.Example(
                "promptreg import --catalog main --schema agent --alias production --into agent",
                "Write what production serves"),
        ])
}
