import ArgumentParsing
import Diagnostics
import Execution
import FoundationEssentials
import Jobs
import Prompts
import Reporting
import Views

/// `promptreg import`: writes down what a registry holds as templates and a job.
struct ImportCommand: WaitingCommand {
    static let usage = Command.importing

    private let query: PromptQuery
    private let alias: String?
    private let folder: String
    private let replacesFiles: Bool
    private let view: ViewFrame

    init(_ input: CommandInput) throws(UsageError) {
        let parsed = input.parsed
        view = try ViewFrame(input)
        folder = try parsed.required(Flags.into)
        alias = parsed.has(Flags.importAlias) ? try parsed.alias(of: Flags.importAlias) : nil
        replacesFiles = parsed.has(Flags.replaceFiles)
        let parts = [Flags.importCatalog, Flags.importSchema]
        if let given = parts.first(where: parsed.has) {
            for flag in parts {
                guard let value = parsed.value(of: flag) else {
                    throw parsed.invalid(
                        given, parsed.value(of: given) ?? "",
                        "\(flag.spelling) has to go with it: give both, or neither for names without them")
                }
                if let problem = NameRules.problem(withLevel: value) {
                    throw parsed.invalid(flag, value, problem)
                }
            }
        }
        query = PromptQuery(
            catalog: parsed.value(of: Flags.importCatalog), schema: parsed.value(of: Flags.importSchema))
    }

    /// Does it.
    ///
    /// - Returns: How the program ends.
    func run() async -> ExitCode {
        await view.run { () async throws(ExitCode) in
            let address = try view.address()
            if case .unityCatalog = address, query.catalog == nil {
                view.console.error(
                    "Unity Catalog lists prompts by schema only",
                    hint: "pass \(Flags.importCatalog.spelling) and \(Flags.importSchema.spelling)")
                throw ExitCode.usage
            }
            let (query, alias) = (query, alias)
            let listing = try await view.read(at: address) { registry async throws(RegistryError) in
                let listing = try await PromptListing(.query(query), alias: alias, in: registry)
                if listing.entries.isEmpty { throw Self.emptiness(of: listing, query) }
                return listing
            }
            let job = try write(listing, from: address)
            switch view.format {
            case .json: view.console.write(ImportJSON.render(job, folder: folder))
            case .text where view.console.isQuiet: break
            case .text:
                view.console.write(ImportText(color: view.console.colorsOutput).render(job, folder: folder))
            }
            tell(job)
            return job.export.leftOut.isEmpty ? .done : .failed
        }
    }

    /// Writes the files, all of them or none.
    private func write(
        _ listing: PromptListing, from address: RegistryAddress
    ) throws(ExitCode) -> JobImport {
        let interruption = Interruption()
        let signals = SignalWatch(interruption, view.console)
        defer { signals.cancel() }
        do throws(JobImportError) {
            let folder = try stagedFolder()
            defer { folder.discard() }
            let place = JobExport.Place(
                registry: address.named(inSpecOf: folder.target), catalog: query.catalog,
                schema: query.schema)
            var job = JobImport(listing, in: place)
            try job.write(to: folder, replacing: replacesFiles) { interruption.signal != nil }
            return job
        } catch {
            throw report(error, interruption)
        }
    }

    private func stagedFolder() throws(JobImportError) -> StagedFolder {
        do throws(StagingError) { return try StagedFolder(for: folder) } catch { throw .staging(error) }
    }

    // MARK: Words

    private static func emptiness(of listing: PromptListing, _ query: PromptQuery) -> RegistryError {
        let scope = query.catalog.flatMap { catalog in query.schema.map { " in \(catalog).\($0)" } } ?? ""
        let with = listing.alias.map { " with the alias '\($0)'" } ?? ""
        return RegistryError(
            .notFound, "there are no prompts\(with)\(scope) of \(listing.registry)",
            hint: "promptreg list --registry \(listing.registry.address) shows the existing prompts")
    }

    /// Says what is not in the job, and what to do next.
    private func tell(_ job: JobImport) {
        for prompt in job.export.leftOut {
            view.console.warning("'\(prompt.fullName)' is left out: \(prompt.reason)")
        }
        if job.export.entries.isEmpty {
            view.console.error("nothing was written to '\(folder)': no prompt can be said in a job")
            return
        }
        for remark in job.remarks { view.console.warning(remark) }
        // Said in any case, as the exit code is that of a failure.
        let leftOut = job.export.leftOut.count
        if leftOut > 0 {
            view.console.error(
                "prompts that are left out: \(leftOut) of \(leftOut + job.export.entries.count)")
        }
        view.console.note("Next: promptreg plan \(folder)/\(job.export.specPath)")
    }

    /// Tells why nothing was written.
    ///
    /// - Returns: How the program ends.
    private func report(_ error: JobImportError, _ interruption: Interruption) -> ExitCode {
        let nothing = "nothing was written to '\(folder)'"
        switch error {
        case .stopped:
            view.console.error(nothing)
            return interruption.signal.map(ExitCode.init(signal:)) ?? .failed
        case .staging(let problem):
            let shown = problem.obstacles.prefix(10).joined(separator: ", ")
            let more = problem.obstacles.count > 10 ? " and \(problem.obstacles.count - 10) more" : ""
            view.console.error(
                "\(nothing): \(problem.message)\(shown.isEmpty ? "" : ": ")\(shown)\(more)",
                hint: problem.isReplaceable ? "pass \(Flags.replaceFiles.spelling) to replace them" : nil)
            return problem.obstacles.isEmpty ? .failed : .usage
        case .unreadable(let found):
            for finding in found.prefix(10) { view.console.error(finding.message, hint: finding.help) }
            view.console.error("\(nothing): the job would not be valid")
        case .differs(let names):
            view.console.error(
                "\(nothing): the job would change \(names.prefix(10).joined(separator: ", "))",
                hint: "this is a fault of promptreg; please report it, with such a prompt")
        }
        return .failed
    }
}

extension RegistryAddress {
    /// The address as a spec in the folder `jobs` of a folder names it: a registry's folder by its way from there
    /// where both lie in the current folder, so that they can be moved together.
    ///
    /// - Parameter folder: The folder, links resolved.
    /// - Returns: The address.
    func named(inSpecOf folder: String) -> String {
        switch self {
        case .file(let path):
            let specFolder = URL(filePath: folder + "/jobs").resolvingSymlinksInPath().path
            let current = URL(filePath: ProcessEnvironment.currentFolder).resolvingSymlinksInPath().path
            let isPortable = [path, specFolder].allSatisfy { $0 == current || $0.hasPrefix(current + "/") }
            guard isPortable else { return description }
            let (from, to) = (specFolder.split(separator: "/"), path.split(separator: "/"))
            let shared = zip(from, to).prefix { $0 == $1 }.count
            let steps = Array(repeating: "..", count: from.count - shared) + to[shared...].map(String.init)
            let way = steps.joined(separator: "/")
            // A '~' at the front would be taken for somebody's home.
            return "file:" + (way.hasPrefix("~") || way.isEmpty ? "./" : "") + way
        case .server(let url):
            let scheme = url.prefix { $0 != ":" }
            return scheme.lowercased() + url[scheme.endIndex...]
        case .unityCatalog: return description
        }
    }
}

extension Command {
    static let importing = Command(
        "import", summary: "Write down what a registry holds as templates and a job",
        discussion: [
            "Writes DIR/prompts and DIR/jobs such that the job is valid and its plan against the same registry is "
                + "empty: to go on with prompts from files that were made elsewhere. Nothing is written to the "
                + "registry, and all files are written or none. A prompt that a job cannot say is left out, and told."
        ],
        flagGroups: [
            FlagGroup(
                "Import flags",
                [
                    Flags.registry, Flags.importCatalog, Flags.importSchema, Flags.importAlias, Flags.into,
                    Flags.replaceFiles,
                ]), remoteGroup, viewGroup,
        ],
        examples: [
            Example(
                "promptreg import --registry databricks-uc --catalog main --schema agent --into agent",
                "Adopt the prompts of a schema"),
            Example(
                "promptreg import --catalog main --schema agent --alias production --into agent",
                "Write down what production serves"),
        ])
}
