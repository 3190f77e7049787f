import ArgumentParsing
import FoundationEssentials
import Jobs
import Support

/// `promptreg init`: makes a starter job with two prompts, or a job for a folder of prompts.
struct InitCommand: ImmediateCommand {
    var folder = "."
    /// The folder of the prompts that there are; nil makes two.
    var source: String?
    var consoleOptions = ConsoleOptions()

    /// Makes the files. Files that exist are kept as they are.
    func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
        let given = Self.name(after: folder)
        let name = given ?? "my_agent"
        if let source { return try draft(of: source, name, context.console) }
        try checkJobs()
        for (file, text) in [("jobs/\(name).yaml", StarterJob.spec(name))] + StarterJob.prompts {
            let path = path(file)
            if FileManager.default.fileExists(atPath: path) {
                context.console.note("kept \(path), which exists")
                continue
            }
            try Self.write(text, to: path)
            context.console.note("made \(path)")
        }
        context.console.note("")
        if given == nil {
            context.console.note(
                "The job is called \(name); promptreg init NAME makes one of that name in the folder NAME")
        }
        context.console.note("Next: promptreg plan \(path("jobs/\(name).yaml"))")
        return .done
    }

    /// Makes a job for the files of a folder, which stay as they are.
    private func draft(of source: String, _ name: String, _ console: Console) throws(CommandFailure)
        -> ExitCode
    {
        let spec = path("jobs/\(name).yaml")
        if FileManager.default.fileExists(atPath: spec) {
            throw CommandFailure(
                .usage, "'\(spec)' exists",
                hint: "promptreg init NAME --from \(source) makes NAME/jobs/NAME.yaml")
        }
        let here = FileManager.default.currentDirectoryPath + "/"
        let absolute = { (path: String) in (path.hasPrefix("/") ? path : here + path).normalizedPath }
        let folder = absolute(source).relativePath(toFolderOf: absolute(spec))
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
        try Self.write(draft.text, to: spec)
        let left = draft.leftOut == 0 ? "" : "; \(draft.leftOut) left out, each with its reason as a comment"
        console.note("made \(spec) with \(draft.count == 1 ? "1 prompt" : "\(draft.count) prompts")\(left)")
        console.note("")
        console.note("Next: promptreg validate \(spec)")
        return draft.count == 0 ? .invalidInput : .done
    }

    private static func write(_ text: String, to path: String) throws(CommandFailure) {
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
        for job in DefaultJob.all(in: path("jobs")) where isNew {
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

    private func path(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

    static let name = "init"
    static let definition = CommandDefinition<Self>(
        name, summary: "Make a starter job with two prompts, or a job for a folder of prompts",
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
                        ), \InitCommand.source)
                ]),
            OptionGroup("Output flags", [ConsoleOptions.quiet.at(\.consoleOptions)]),
        ],
        examples: [
            Command.Example("promptreg init my-agent", "Start in a new folder"),
            Command.Example("promptreg init --from src/prompts", "Start with the prompts that there are"),
        ])
}
