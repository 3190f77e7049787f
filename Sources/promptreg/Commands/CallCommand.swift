import ArgumentParsing
import ChatModels
import PromptClient
import Prompts
import Support
import Synchronization
import Tracing

/// `promptreg call`: fills in a template, sends it to a model, and records a trace that is linked to the version.
struct CallCommand: WaitingCommand {
    var template = TemplateOptions()
    var model = ModelOptions()
    var view = ViewOptions()

    var consoleOptions: ConsoleOptions { view.console }

    func validate() throws(UsageError.Reason) {
        try template.validate()
        try model.validate()
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let filled = try await template.fill(view, context)
        let request = try ChatRequest(
            filled.text, isChat: filled.isChat, of: filled.version?.version.content, model: model.model)
        let caller = try ModelCaller(
            model, view.remote, try context.place(view.job, isTold: false), context)
        let name = filled.version.map(\.name) ?? template.subject
        let terminal: StreamedText? =
            if view.format == .text, context.console.isOutputTerminal { StreamedText(context.console) } else {
                nil
            }
        let call = await caller.ask(request, name, filled.version, onText: terminal?.write)
        terminal?.end()
        let answer: ChatAnswer
        switch call.answer {
        case .success(let text): answer = text
        case .failure(let error):
            await caller.finish(context.console)
            throw CommandFailure(error)
        }
        // Whoever waits for the answer does not wait for its trace.
        if view.format == .text, terminal == nil {
            context.console.write(answer.text.hasSuffix("\n") ? answer.text : answer.text + "\n")
        }
        if answer.isCutOff {
            context.console.warning("the answer is not whole: the model stopped at its limit of tokens")
        }
        let isStored = await caller.finish(context.console)
        if view.format == .json {
            let trace: JSONValue =
                call.traceID.flatMap { isStored ? $0 : nil }.map {
                    ["id": .string($0), "url": JSONValue(caller.page(ofTrace: $0))]
                } ?? .null
            context.console.write(Self.json(answer, request, filled, call, trace).document)
        }
        return .done
    }

    // MARK: - The output

    private static func json(
        _ answer: ChatAnswer, _ request: ChatRequest, _ filled: TemplateOptions.Filled,
        _ call: ModelCaller.Call, _ trace: JSONValue
    ) -> JSONValue {
        let usage = answer.usage
        let prompt: JSONValue =
            filled.version.map {
                [
                    "name": .string($0.name), "version": JSONValue($0.version.number),
                    "uri": .string(Prompt($0).uri),
                ]
            } ?? .null
        return [
            "output": .string(answer.text), "prompt": prompt,
            "model": .string(answer.model ?? request.model),
            "tokens": [
                "input": JSONValue(usage?.input), "output": JSONValue(usage?.output),
                "total": JSONValue(usage?.total),
            ],
            "cost": call.cost.map { .number("\($0.total)") } ?? .null,
            "latency_ms": JSONValue(call.elapsed.milliseconds), "trace": trace,
        ]
    }

    static let name = "call"
    static let definition = CommandDefinition<Self>(
        name, summary: "Ask a model with a template, and record a linked trace",
        discussion: [
            "Fills in the variables as render does, sends the result to a model, and prints the answer; on a terminal as it "
                + "comes. The trace is kept where MLFLOW_TRACKING_URI says, else in the registry, and is linked to the version.",
            "Any endpoint that speaks OpenAI's chat API will do: that of --endpoint, else the serving endpoints of "
                + "the registry's Databricks workspace, else that of OPENAI_BASE_URL; the key is OPENAI_API_KEY.",
        ],
        arguments: [TemplateOptions.argument.at(\.template)],
        options: [
            OptionGroup(
                "Call flags",
                TemplateOptions.options.at(\.template) + ModelOptions.options.at(\.model)),
            OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
        ] + ViewOptions.groups(\.view),
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
