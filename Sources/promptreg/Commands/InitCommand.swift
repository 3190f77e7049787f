import ArgumentParsing
import FoundationEssentials

/// `promptreg init`: makes a starter job with two prompts.
struct InitCommand: ImmediateCommand {
    static let usage = Command.initialize

    let folder: String
    let console: Console

    init(_ input: CommandInput) throws(UsageError) {
        folder = input.parsed.positionals.first ?? "."
        console = input.console
        guard !folder.isEmpty else {
            throw input.parsed.error(
                .invalidValue(subject: "DIR", value: folder, problem: "it names no folder"))
        }
    }

    /// Does it. Files that exist are kept as they are.
    func run() -> ExitCode {
        for (name, text) in Self.files {
            let path = folder == "." ? name : "\(folder)/\(name)"
            if FileManager.default.fileExists(atPath: path) {
                console.note("kept \(path), which exists")
                continue
            }
            do {
                try WholeFile.write(Data(text.utf8), to: path)
                console.note("made \(path)")
            } catch {
                console.error("'\(path)' cannot be written: \(error.reason)")
                return .failed
            }
        }
        let job = folder == "." ? "jobs/my_agent.yaml" : "\(folder)/jobs/my_agent.yaml"
        console.note("")
        console.note("Next: promptreg plan \(job)")
        return .done
    }

    private static let files = [
        (
            "jobs/my_agent.yaml",
            """
            version: 1
            job: my_agent
            description: Registers the prompts of my agent before its model is logged.

            variables:
              catalog: {default: main}
              schema: {default: my_agent}

            catalog: ${var.catalog}
            schema: ${var.schema}
            aliases: [production, staging]
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
              prod: {registry: databricks-uc, aliases: [staging]}

            """
        ),
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
