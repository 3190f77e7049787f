import ArgumentParsing
import ChatModels
import PromptClient
import Prompts
import Support
import Synchronization
import Tracing

/// `promptreg call`: fills in a template, sends it to a model, and records a trace that is linked to the version.
struct CallCommand: ViewCommand {
    var template = TemplateOptions()
    var model = ModelOptions()
    var view = ViewOptions()

    func validate() throws(UsageError.Reason) {
        try template.validate()
        try model.validate()
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        var told = Self.nothing
        do throws(CommandFailure) {
            try await call(context, &told)
        } catch {
            told["error"] = error.json
            if view.format == .json { context.console.write(told.document) }
            throw error
        }
        if view.format == .json { context.console.write(told.document) }
        return .done
    }

    /// Makes the call.
    ///
    /// - Parameters:
    ///   - context: The command's context.
    ///   - told: Takes what is known, as JSON.
    /// - Throws: `CommandFailure` where there is no answer.
    private func call(_ context: CommandContext, _ told: inout JSONValue) async throws(CommandFailure) {
        let filled = try await template.fill(view, context)
        if let version = filled.version {
            told["prompt"] = [
                "name": .string(version.name), "version": JSONValue(version.version.number),
                "uri": .string(Prompt(version).uri),
            ]
        }
        let request = try ChatRequest(
            filled.text, isChat: filled.isChat, of: filled.version?.version.content, model: model.model)
        told["model"] = .string(request.model)
        let caller = try ModelCaller(
            model, view.remote, try context.place(view.job, isTold: false), context)
        let name = filled.version.map(\.name) ?? template.subject
        let terminal: StreamedText? =
            if view.format == .text, context.console.isOutputTerminal { StreamedText(context.console) } else {
                nil
            }
        let call = await caller.ask(request, name, filled.version, onText: terminal?.write)
        terminal?.end()
        told["latency_ms"] = JSONValue(call.elapsed.milliseconds)
        if let answer = try? call.answer.get() {
            // Whoever waits for the answer does not wait for its trace.
            if view.format == .text, terminal == nil {
                context.console.write(answer.text.hasSuffix("\n") ? answer.text : answer.text + "\n")
            }
            if let shortfall = answer.shortfall {
                context.console.warning("the answer is not whole: \(shortfall)")
            }
            told["output"] = .string(answer.text)
            told["model"] = answer.model.map(JSONValue.string) ?? told["model"]
        }
        if let usage = call.usage {
            told["tokens"] = [
                "input": JSONValue(usage.input), "output": JSONValue(usage.output),
                "total": JSONValue(usage.total),
            ]
        }
        told["cost"] = call.cost.map { .number("\($0.total)") } ?? .null
        if await caller.finish(context.console), let id = call.traceID {
            told["trace"] = ["id": .string(id), "url": JSONValue(caller.page(ofTrace: id))]
        }
        if case .failure(let error) = call.answer { throw CommandFailure(error) }
    }

    // MARK: - JSON

    /// What is written where nothing is known.
    private static let nothing: JSONValue = [
        "output": .null, "prompt": .null, "model": .null,
        "tokens": ["input": .null, "output": .null, "total": .null],
        "cost": .null, "latency_ms": .null, "trace": .null, "error": .null,
    ]

    static let name = "call"
    static let definition = CommandDefinition<Self>(
        name, summary: "Ask a model with a template, and record a linked trace",
        discussion: [
            "Fills in the variables as render does, sends the result to a model, and prints the answer; on a terminal as it "
                + "comes. The trace is kept where MLFLOW_TRACKING_URI says, else in the registry, and is linked to the version.",
            "Any endpoint that speaks OpenAI's chat API will do: that of --endpoint, else the serving endpoints of "
                + "the registry's Databricks workspace, else that of OPENAI_BASE_URL; the key is OPENAI_API_KEY. "
                + "Where that is unset or empty and there is a key, it is https://api.openai.com/v1.",
        ],
        arguments: [TemplateOptions.argument.at(\.template)],
        options: [
            OptionGroup(
                "Call flags",
                TemplateOptions.options.at(\.template) + ModelOptions.options.at(\.model)),
            OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + ViewOptions.groups(\.view, ConsoleOptions.views),
        examples: [
            Command.Example(
                "promptreg call main.agent.prompt_cost@production --set query=Why? --model gpt-4o-mini",
                "Ask with what production serves"),
            Command.Example(
                "promptreg call prompts/cost.md --values values.yaml --endpoint http://localhost:4000 --model small",
                "Try a file on a model of this machine"),
        ])
}

/// The text of an answer that is written to a terminal while it comes.
private final class StreamedText: Sendable {
    private let console: Console
    /// Whether the last line has not ended.
    private let isOpen = Atomic(false)

    init(_ console: Console) { self.console = console }

    @Sendable func write(_ text: String) {
        if text.isEmpty { return }
        isOpen.store(!text.hasSuffix("\n"), ordering: .relaxed)
        console.write(text.escapedLinesForTerminal)
    }

    /// Ends the last line.
    func end() { if isOpen.load(ordering: .relaxed) { console.write("\n") } }
}
