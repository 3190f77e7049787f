import ArgumentParsing
import Jobs
import Prompts
import Reporting
import Support

/// `promptreg bundle`: writes the texts of a lock file beside it, for images that cannot reach the registry.
struct BundleCommand: ViewCommand {
    var specPath: String?
    var lockFile = ""
    var folder = ""
    var replacesFiles = false
    var view = ViewOptions()

    /// What the copy of the lock file is called, whatever the original is.
    private static let lockName = "prompts.lock.json"

    func validate() throws(UsageError.Reason) {
        try view.job.checkNamedOnce(specPath)
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let file = try LockFile(contentsOf: lockFile)
        var options = view.job
        options.path = specPath ?? options.path
        let place = try file.place(options, context)
        if let job = place.job?.job, job != file.lock.job {
            throw CommandFailure(
                .usage, "the lock file '\(lockFile)' is of the job '\(file.lock.job)', not of '\(job)'",
                hint: "name that job, or lock this one")
        }
        let versions = try await context.read(place, view.remote) { registry async throws(RegistryError) in
            try await concurrentMap(file.lock.prompts, limit: 8) { locked async throws(RegistryError) in
                let version = try await registry.version(locked.version, of: locked.fullName)
                try locked.check(version.content, lockedBy: lockFile)
                return version
            }
        }
        try write(versions, of: file.lock, at: place.address)
        context.console.note(
            "wrote \(Self.lockName) and the texts of \(versions.count) prompts to \(folder)")
        return .done
    }

    /// Writes the files, all of them or none.
    private func write(
        _ versions: [PromptVersion], of lock: PromptLock, at address: RegistryAddress
    ) throws(CommandFailure) {
        var lock = lock
        var files: [(path: String, text: String)] = []
        for (index, version) in versions.enumerated() {
            let bundled = lock.prompts[index].bundle(version.content)
            files.append(bundled.template)
            if let settings = bundled.settings { files.append((settings.path, settings.text)) }
        }
        do throws(StagingError) {
            let staged = try StagedFolder(for: folder)
            defer { staged.discard() }
            files.append(
                (Self.lockName, LockFile.text(lock, at: "\(staged.target)/\(Self.lockName)", address)))
            try staged.check(files.map(\.path), replacing: replacesFiles)
            for file in files { try staged.write(file.text, to: file.path) }
            try staged.move(files.map(\.path))
        } catch {
            let shown = error.obstacles.listed(10)
            throw CommandFailure(
                error.obstacles.isEmpty ? .failed : .usage,
                "nothing was written to '\(folder)': \(error.message)\(shown.isEmpty ? "" : ": ")\(shown)",
                hint: error.isReplaceable ? "pass --force to replace them" : nil)
        }
    }

    static let name = "bundle"
    static let definition = CommandDefinition<Self>(
        name, summary: "Write the texts of a lock file beside a copy of it",
        discussion: [
            "For images that cannot reach the registry: load --lock and PromptClient read the texts of a bundle in "
                + "place of the registry, and refuse them where they are not what was locked."
        ],
        arguments: [
            Argument(
                Positional(
                    .file("JOB"), arity: .optional,
                    help: "The job, which names the registry; that of the lock file if left out"), \.specPath)
        ],
        options: [
            OptionGroup(
                "Bundle flags",
                [
                    JobOptions.lock(\.lockFile),
                    Option(
                        Flag("out", short: "o", value: .directory("DIR"), help: "Where to put the files"),
                        \.folder, isRequired: true
                    ) { $0 },
                    Option(Flag("force", help: "Replace files that are there already"), \.replacesFiles),
                ]), OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + [
            OptionGroup(
                "Remote registry flags",
                [RegistryOptions.timeout, RegistryOptions.insecureHTTP].at(\.view.remote)),
            OptionGroup("Output flags", ConsoleOptions.all.at(\.view.console)),
        ],
        examples: [
            Command.Example(
                "promptreg bundle jobs/health_monitor.yaml --lock prompts.lock.json --out image/prompts",
                "Put the prompts into an image")
        ])
}
