import ArgumentParsing
import FoundationEssentials
import Jobs

/// `promptreg init`: makes a starter job with two prompts.
struct InitCommand: ImmediateCommand {
    var folder = "."
    var consoleOptions = ConsoleOptions()

    /// Makes the files. Files that exist are kept as they are.
    func run(_ context: CommandContext) throws(CommandFailure) -> ExitCode {
        let given = Self.name(after: folder)
        let name = given ?? "my_agent"
        try checkJobs()
        for (file, text) in Self.files(of: name) {
            let path = path(file)
            if FileManager.default.fileExists(atPath: path) {
                context.console.note("kept \(path), which exists")
                continue
            }
            do throws(FileWriteError) {
                try WholeFile.write(Data(text.utf8), to: path, replacing: .nothing)
            } catch {
                throw CommandFailure(.failed, "'\(path)' cannot be written: \(error.reason)")
            }
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

    /// Makes sure that no job here takes every file of prompts/, and so the starter's, too.
    private func checkJobs() throws(CommandFailure) {
        let isNew = Self.prompts.contains { !FileManager.default.fileExists(atPath: path($0.0)) }
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
        name, summary: "Make a starter job with two prompts",
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
        options: [OptionGroup("Output flags", [ConsoleOptions.quiet.at(\.consoleOptions)])],
        examples: [Command.Example("promptreg init my-agent", "Start in a new folder")])

    private static func files(of name: String) -> [(String, String)] {
        [
            (
                "jobs/\(name).yaml",
                """
                version: 1
                job: \(name)
                description: Registers the agent's prompts before its model is logged.

                variables:
                  catalog: {default: main}
                  schema: {default: \(name)}

                catalog: ${var.catalog}
                schema: ${var.schema}
                # A run moves staging; promptreg promote moves production.
                aliases: [staging]
                prompts_dir: ../prompts

                prompts:
                  answer:
                    file: answer.md
                    variables: [question, context]
                    description: Answers a question from the context that was retrieved for it.
                  summarize:
                    file: summarize.md
                    variables: [text]
                    description: Summarizes a text.

                targets:
                  local: {default: true, registry: "file:../mlruns"}
                  server: {registry: "http://localhost:5000"}
                  prod: {registry: databricks-uc}

                """
            )
        ] + prompts
    }

    private static let prompts = [
        (
            "prompts/answer.md",
            """
            You answer questions from the context below and from nothing else.

            Question: {{question}}

            Context:
            {{context}}

            If the context does not hold the answer, say so and name what is missing.

            """
        ),
        (
            "prompts/summarize.md",
            """
            Summarize the text below in at most five sentences. Keep names, numbers and dates as they are.

            {{text}}

            """
        ),
    ]
}
