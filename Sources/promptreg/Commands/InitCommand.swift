import ArgumentParsing
import FoundationEssentials
import Jobs
import Support

/// `promptreg init`: makes a starter job with two prompts, or a job for a folder of prompts, and what runs it.
struct InitCommand: WaitingCommand {
    var folder = "."
    /// The folder of the prompts that there are; nil makes two.
    var source: String?
    /// The CI systems that a pipeline is made for.
    var systems: [StarterPipeline.System] = []
    /// Whether a Databricks bundle is made.
    var makesBundle = false
    /// The job that is run; nil takes the only one.
    var job: String?
    /// Its target; nil takes one that serves.
    var target: String?
    var consoleOptions = ConsoleOptions()

    /// Makes the files. Files that exist are kept as they are.
    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let console = context.console
        try checkJob()
        try checkSource()
        let given = Self.name(after: folder)
        let name = given ?? "my_agent"
        var spec = path("jobs/\(name).yaml")
        var next = "promptreg plan"
        var isStarter = false
        if let source {
            let code = try draft(of: source, name, console)
            guard code == .done else {
                console.note("")
                console.note("Next: promptreg validate \(spec.shellWord)")
                return code
            }
            next = "promptreg validate"
        } else if let job = try existingJob(named: given) {
            spec = job
        } else {
            try makeStarter(name, console)
            isStarter = true
        }
        let notes = try await makeRunners(of: spec, context)
        console.note("")
        if isStarter, given == nil {
            console.note(
                "The job is called \(name); promptreg init NAME makes one of that name in the folder NAME")
        }
        for line in notes + ["Next: \(next) \(spec.shellWord)"] { console.note(line) }
        return .done
    }

    private func makeStarter(_ name: String, _ console: Console) throws(CommandFailure) {
        try checkJobs()
        for (file, text) in [("jobs/\(name).yaml", StarterJob.spec(name))] + StarterJob.prompts {
            try make(file, text, console)
        }
        try ignore([StarterJob.registryFolder] + bundleFolders, console)
    }

    /// Keeps folders out of git.
    func ignore(_ folders: [String], _ console: Console) throws(CommandFailure) {
        let path = path(".gitignore")
        guard FileManager.default.fileExists(atPath: path) else {
            return try make(".gitignore", folders.map { "/\($0)/\n" }.joined(), console)
        }
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let missing = folders.filter { !text.contains($0) }.map { "\($0)/" }
        if !missing.isEmpty {
            console.note("kept \(path), which exists; add \(missing.joined(separator: " and ")) to it")
        }
    }

    /// Makes a job for the files of a folder, which stay as they are.
    private func draft(of source: String, _ name: String, _ console: Console) throws(CommandFailure)
        -> ExitCode
    {
        let file = "jobs/\(name).yaml"
        let spec = path(file)
        if FileManager.default.fileExists(atPath: spec) {
            throw CommandFailure(
                .usage, "'\(spec)' exists",
                hint: "promptreg init NAME --from \(source.shellWord) makes NAME/jobs/NAME.yaml")
        }
        let folder = Self.absolute(source).relativePath(toFolderOf: Self.absolute(spec))
        let draft: JobDraft
        do throws(TextFileError) {
            draft = try JobDraft(
                of: source, namedAs: folder, path: spec, head: StarterJob.head(name), tail: StarterJob.tail)
        } catch {
            throw CommandFailure(.usage, "the folder '\(source)' \(error.reason)")
        }
        if draft.count + draft.leftOut == 0 {
            throw CommandFailure(
                .invalidInput, "'\(source)' holds no prompts",
                hint: "they are files that end in \(TemplateFile.endings.joined(separator: ", "))")
        }
        try write(draft.text, to: file)
        let left = draft.leftOut == 0 ? "" : "; \(draft.leftOut) left out, each with its reason as a comment"
        console.note("made \(spec) with \(draft.count == 1 ? "1 prompt" : "\(draft.count) prompts")\(left)")
        try ignore([StarterJob.registryFolder] + bundleFolders, console)
        return draft.count == 0 ? .invalidInput : .done
    }

    /// Makes a file of the folder, unless there is one.
    ///
    /// - Parameters:
    ///   - file: The path in the folder.
    ///   - text: The text.
    ///   - needs: What a file that is there has to have in it, to do the same.
    ///   - console: Is told what was made.
    /// - Throws: `CommandFailure` where it cannot be written.
    func make(
        _ file: String, _ text: String, needs: [String] = [], _ console: Console
    ) throws(CommandFailure) {
        let path = path(file)
        if FileManager.default.fileExists(atPath: path) {
            let present = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            let missing = needs.filter { !present.contains($0) }
            if missing.isEmpty { return console.note("kept \(path), which exists") }
            return console.warning(
                "kept \(path), which has no \(missing.listed(5)) in it: the same command in an empty folder shows where "
                    + "that belongs")
        }
        try write(text, to: file)
        console.note("made \(path)")
    }

    private func write(_ text: String, to file: String) throws(CommandFailure) {
        let path = path(file)
        if let link = FilePath.linkOut(to: file, in: folder) {
            throw CommandFailure(
                .failed, "'\(path)' cannot be written: '\(link)' is a link out of '\(folder)'",
                hint: "promptreg init in the folder that it leads to makes the files there")
        }
        do throws(FileWriteError) {
            try WholeFile.write(Data(text.utf8), to: path, replacing: .nothing)
        } catch {
            throw CommandFailure(.failed, "'\(path)' cannot be written: \(error.reason)")
        }
    }

    /// Makes sure that no job here takes every file of prompts/, and so the starter's, too.
    private func checkJobs() throws(CommandFailure) {
        let isNew = StarterJob.prompts.contains { !FileManager.default.fileExists(atPath: path($0.0)) }
        let prompts = URL(filePath: path("prompts")).resolvingSymlinksInPath()
        for job in JobSpecs.paths(in: path("jobs")) where isNew {
            let state = LoadedJob(path: job, inputs: JobInputs(), readsTemplates: false).state
            guard let taken = state?.discoveredFolder,
                URL(filePath: taken).resolvingSymlinksInPath() == prompts
            else { continue }
            throw CommandFailure(
                .usage,
                "'\(job)' lists no prompts, so it would register the starter's of '\(path("prompts"))', too",
                hint: "promptreg init NAME makes the starter in a folder of its own")
        }
    }

    /// What the job and its schema are called: as the folder, in characters that every registry takes; nil for a folder
    /// without any such.
    private static func name(after folder: String) -> String? {
        let last = folder.split(separator: "/").last ?? ""
        let name = last.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return name.contains { $0 != "_" } ? String(name) : nil
    }

    /// A path from the current folder as one from the root.
    static func absolute(_ path: String) -> String {
        (path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path).normalizedPath
    }

    /// A path in the folder, from the current one.
    func path(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

    static let name = "init"
    static let definition = CommandDefinition<Self>(
        name, summary: "Make a starter job with two prompts, or a job for a folder of prompts",
        discussion: [
            "With --ci and --databricks it makes what runs a job, the one of DIR/jobs or the starter. DIR is the root of the "
                + "repository then. Files that exist are never replaced."
        ],
        arguments: [
            Argument(
                Positional(
                    .directory("DIR"), arity: .optional,
                    help:
                        "Where to put jobs/ and prompts/, and what to name the job after; here, with the job my_agent, if left out"
                )
            ) { command, words throws(ArgumentProblem) in
                if words[0].isEmpty { throw ArgumentProblem("it names no folder") }
                command.folder = words[0]
            }
        ],
        options: [
            OptionGroup(
                "Job flags",
                [
                    Option(
                        Flag(
                            "from", value: .directory("DIR"),
                            help:
                                "Make no prompts, but a job for the files of DIR as they are; what it cannot decide is a comment in it"
                        ), \InitCommand.source),
                    Option(
                        Flag(
                            "job", value: .file("JOB"),
                            help: "The job that a pipeline or a bundle runs",
                            defaultText: "the only one in jobs/"),
                        \.job),
                    Option(
                        Flag(
                            "target", short: "t", value: NameCompletion.targets.value("NAME"),
                            help: "The target of the job that they use",
                            defaultText: "prod, production or live, else the first on a server"),
                        \.target),
                ]),
            OptionGroup("Runner flags", runners),
            OptionGroup("Output flags", [ConsoleOptions.quiet.at(\.consoleOptions)]),
        ],
        examples: [
            Command.Example("promptreg init my-agent", "Start in a new folder"),
            Command.Example("promptreg init --from src/prompts", "Start with the prompts that there are"),
            Command.Example("promptreg init --ci github", "Plan on pull requests and run on main"),
        ])
}
