import ArgumentParsing
import FoundationEssentials
import HTTP
import Jobs
import Support

/// What runs a job: pipelines of CI systems and a Databricks bundle.
extension InitCommand {
    /// The flags.
    static let runners = [
        Option<InitCommand>(
            Flag(
                "ci", value: .choice("SYSTEM", of: StarterPipeline.System.allCases.map(\.rawValue)),
                isRepeatable: true,
                help: "Make a pipeline that plans on a pull request and runs on the main branch")
        ) { command, word in
            guard let system = StarterPipeline.System(rawValue: word), !command.systems.contains(system)
            else { return }
            command.systems.append(system)
        },
        Option(
            Flag(
                "databricks",
                help:
                    "Make a Databricks bundle whose setup job registers the prompts before it logs the model"),
            \.makesBundle),
    ]

    /// Makes sure that a job which is named is one that is used.
    func checkJob() throws(CommandFailure) {
        if target != nil, !isRun { throw CommandFailure(.usage, "--target needs --ci or --databricks") }
        guard job != nil else { return }
        if source != nil {
            throw CommandFailure(
                .usage, "--job cannot be used with --from", hint: "--from makes the job that is run")
        }
        if !isRun {
            throw CommandFailure(
                .usage, "--job needs --ci or --databricks", hint: "a starter has a job of its own")
        }
    }

    /// Makes sure that the prompts of a job that is drafted are where it is run: in what is checked out or deployed.
    func checkSource() throws(CommandFailure) {
        guard let source, isRun, isOutside(source) else { return }
        throw CommandFailure(
            .usage, "'\(source)' is outside of '\(folder)', \(Self.rootMeaning)",
            hint: "run this in a folder that has the prompts in it, or without --ci and --databricks")
    }

    /// Whether something is made that runs the job.
    private var isRun: Bool { !systems.isEmpty || makesBundle }

    /// What is said of the folder where something is not in it.
    private static let rootMeaning = "which is all that a pipeline checks out and a bundle deploys"

    private func isOutside(_ file: String) -> Bool {
        let path = Self.absolute(file).relativePath(toFolderOf: Self.absolute(path(".gitignore")))
        return path == ".." || path.hasPrefix("../")
    }

    /// The folders that the Databricks CLI keeps its own files in.
    var bundleFolders: [String] { makesBundle ? [".databricks"] : [] }

    /// The job that there is, where something is made that runs it.
    ///
    /// - Parameter name: The name after the folder; nil where it has none.
    /// - Returns: The spec's path; nil where the starter is made.
    /// - Throws: `CommandFailure` where it cannot be told which job is meant.
    func existingJob(named name: String?) throws(CommandFailure) -> String? {
        guard isRun else { return nil }
        if let job {
            guard FileManager.default.fileExists(atPath: job) else {
                throw CommandFailure(.usage, "there is no job '\(job)'", hint: JobSpecs.hint(for: job))
            }
            return job
        }
        let all = JobSpecs.paths(in: path("jobs"))
        if let name, all.contains(path("jobs/\(name).yaml")) { return path("jobs/\(name).yaml") }
        if all.count < 2 { return all.first }
        throw CommandFailure(
            .usage, "there are \(all.count) jobs in '\(path("jobs"))'",
            hint: "--job names the one that is to be run, such as \(all[0].shellWord)")
    }

    /// Makes what runs a job.
    ///
    /// - Parameters:
    ///   - spec: The spec's path from the current folder.
    ///   - context: Its console is told what was made, and its environment says where git's settings are.
    /// - Returns: What is left to do, in lines.
    /// - Throws: `CommandFailure`.
    func makeRunners(
        of spec: String, _ context: CommandContext
    ) async throws(CommandFailure) -> [String] {
        let console = context.console
        guard isRun else { return [] }
        let job = try RunnableJob(inRepository(spec), at: spec, target: target)
        if !job.isValid {
            console.warning(
                "'\(spec)' has errors, so its target and schema are not known: promptreg validate \(spec.shellWord)"
            )
        }
        let git = GitRepository(environment: context.environment, console: console, timeLimit: .seconds(2))
        let main = systems.isEmpty ? nil : await git.mainBranch(in: folder)
        let pipeline = StarterPipeline(
            runnable: job, branch: main.flatMap { RunnableJob.isPlain($0) ? $0 : nil } ?? "main")
        var notes: [String] = []
        if let file = job.files.first(where: isOutside) {
            console.warning(
                "'\(file)' is outside of '\(folder)', \(Self.rootMeaning): run this in a folder that has both"
            )
        }
        if !systems.isEmpty, job.isValid, !job.isRemote {
            // A registry that the job names outweighs that of the environment.
            let way =
                job.needsTarget
                ? "name it as PROMPTREG_TARGET in the pipeline" : "set MLFLOW_REGISTRY_URI in the pipeline"
            console.warning(
                "'\(spec)' names no registry on a server, so that a pipeline would register in a folder that is gone "
                    + "with it: add a target such as prod: {registry: databricks-uc}, \(job.needsTarget ? "and" : "or") \(way)"
            )
        }
        if !systems.isEmpty, let server = job.server, (try? HTTPURL(server))?.isLoopback == true {
            console.warning(
                "'\(server)' is the machine itself, where a pipeline finds no registry: name the server's address in '\(spec)'"
            )
        }
        if !job.otherTargets.isEmpty, !systems.isEmpty || job.isGoverned {
            notes.append(
                "The target is '\(job.target)'; --target takes another: \(job.otherTargets.joined(separator: ", "))"
            )
        }
        for system in systems {
            let paths = StarterPipeline.paths(for: system)
            let isOther = isForeign(paths.usual)
            let file = isOther ? paths.other : paths.usual
            if isForeign(file, but: job.path) {
                console.warning(
                    "kept \(path(file)), which is no pipeline of promptreg's: no pipeline was made for \(system.rawValue); "
                        + "give that file another name and run this again")
                continue
            }
            try make(file, pipeline.text(for: system), needs: [job.path], console)
            if isOther, let note = StarterPipeline.note(on: file, for: system) { notes.append(note) }
        }
        if !systems.isEmpty {
            if let outerRepository {
                console.warning(
                    "'\(folder)' is not the root of its repository, the only place where a pipeline is looked for; "
                        + "run this in '\(outerRepository)', with --job naming the job")
            }
            notes.append("Each pipeline says at its top what to set: the wheel and the login")
        }
        if makesBundle {
            for (file, text, needs) in StarterBundle(job: job).files {
                try make(file, text, needs: needs, console)
            }
            try ignore(bundleFolders, console)
            notes.append("Put a release's wheel into \(path("dist")), then: databricks bundle deploy")
        }
        return notes
    }

    /// Whether a file is there that is none of these pipelines, which have their mark, or else what is named.
    private func isForeign(_ file: String, but sign: String = StarterPipeline.mark) -> Bool {
        guard let data = FileManager.default.contents(atPath: path(file)) else { return false }
        let text = String(decoding: data, as: UTF8.self)
        return !text.contains(StarterPipeline.mark) && !text.contains(sign)
    }

    /// The root of the repository that the folder is a part of; nil where it is the root, or in none.
    private var outerRepository: String? {
        var root = Self.absolute(folder)
        if FileManager.default.fileExists(atPath: root + "/.git") { return nil }
        while let slash = root.lastIndex(of: "/"), slash != root.startIndex {
            root = String(root[..<slash])
            if FileManager.default.fileExists(atPath: root + "/.git") { return root }
        }
        return nil
    }

    /// The spec's path from the root of the repository.
    private func inRepository(_ spec: String) throws(CommandFailure) -> String {
        let path = spec.normalizedPath
        let root = folder.normalizedPath
        if root == ".", !path.hasPrefix("/"), !path.hasPrefix("..") { return path }
        guard path.hasPrefix(root + "/") else {
            throw CommandFailure(
                .usage, "'\(spec)' is not in the folder '\(folder)'", hint: "a pipeline starts in its root")
        }
        return String(path.dropFirst(root.count + 1))
    }
}
