import ArgumentParsing
import ChatModels
import HTTP
import MLflowServer
import PromptClient
import Prompts
import Support

/// `promptreg call`: fills in a template, sends it to a model, and records a trace that is linked to the version.
struct CallCommand: WaitingCommand {
    var template = TemplateOptions()
    /// The model; nil takes that of the version.
    var model: String?
    var endpoint: String?
    /// The experiment of the trace, by its name or id.
    var experiment: String?
    var recordsNoTrace = false
    var view = ViewOptions()

    var consoleOptions: ConsoleOptions { view.console }

    func validate() throws(UsageError.Reason) {
        try template.validate()
        if recordsNoTrace, experiment != nil { throw .conflictingFlags("--no-trace", "--experiment") }
    }

    func run(_ context: CommandContext) async throws(CommandFailure) -> ExitCode {
        let filled = try await template.fill(view, context)
        let request = try request(filled)
        let place = try context.place(view.job, isTold: false)
        let tracer: PromptClient
        do throws(RegistryError) {
            tracer = try self.tracer(place, context)
        } catch {
            throw CommandFailure(error)
        }
        let chat: ChatEndpoint
        do throws(HTTPError) {
            chat = try place.address.chatEndpoint(endpoint, context.environment, settings(context))
        } catch {
            throw CommandFailure(RegistryError(error))
        }
        let start = ContinuousClock.now
        let (answer, traceID) = try await ask(request, filled, chat, tracer)
        let elapsed = ContinuousClock.now - start
        await finish(tracer, context)
        switch view.format {
        case .text: context.console.write(answer.text.hasSuffix("\n") ? answer.text : answer.text + "\n")
        case .json:
            let trace: JSONValue =
                recordsNoTrace
                ? .null : ["id": .string(traceID), "url": JSONValue(tracer.page(ofTrace: traceID))]
            context.console.write(Self.json(answer, request, filled, elapsed, trace).document)
        }
        return .done
    }

    // MARK: - The call

    private func request(_ filled: TemplateOptions.Filled) throws(CommandFailure) -> ChatRequest {
        let content = filled.version?.version.content
        let messages: JSONValue =
            if filled.isChat, let list = try? JSONValue(parsing: filled.text) {
                list
            } else {
                [filled.text].messages
            }
        let request = ChatRequest(
            model: model, messages: messages,
            config: content?.modelConfig.flatMap { try? JSONValue(parsing: $0) },
            responseFormat: content?.responseFormat.flatMap { try? JSONValue(parsing: $0) })
        guard let request else {
            throw CommandFailure(
                .usage, "no model is named",
                hint: "pass --model, or register the prompt with model_config: {model_name: …}")
        }
        return request
    }

    /// A model takes its time, and an answer costs something: few attempts, each as long as the whole may take.
    private func settings(_ context: CommandContext) -> HTTPSettings {
        let deadline = RunDeadline(total: view.remote.timeout)
        var settings = RegistryAccess(view.remote, deadline: deadline, context).settings
        settings.policy.attempts = 3
        settings.policy.attemptTimeout = view.remote.timeout
        return settings
    }

    private func ask(
        _ request: ChatRequest, _ filled: TemplateOptions.Filled, _ chat: ChatEndpoint, _ tracer: PromptClient
    ) async throws(CommandFailure) -> (ChatAnswer, String) {
        let name = filled.version.map(\.name) ?? template.subject
        let outcome = await Result<(ChatAnswer, String), any Error> {
            try await tracer.withSpan(name, type: .chatModel) { span in
                if let version = filled.version { span.link(Prompt(version)) }
                span.setInputs(json: ["messages": request.messages])
                span.setModel(request.model)
                let answer = try await chat.ask(request)
                span.setOutputs(answer.text)
                if let usage = answer.usage {
                    span.setUsage(
                        inputTokens: usage.input, outputTokens: usage.output, totalTokens: usage.total)
                }
                if let cost = answer.cost { span.setCost(total: cost) }
                return (answer, span.traceID)
            }
        }
        do {
            return try outcome.get()
        } catch {
            _ = await tracer.flush(timeout: view.remote.timeout)
            throw CommandFailure(
                (error as? HTTPError).map { RegistryError($0) } ?? RegistryError(.failed, "\(error)"))
        }
    }

    // MARK: - The trace

    private func tracer(_ place: Place, _ context: CommandContext) throws(RegistryError) -> PromptClient {
        var configuration = PromptClientConfiguration(environment: context.environment)
        configuration.registry = place.address.description
        configuration.allowsInsecureHTTP = view.remote.allowsInsecureHTTP
        if let experiment {
            let isID = experiment.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            configuration.experimentID = isID ? experiment : nil
            if !isID { configuration.experiment = experiment }
        }
        let registry = try view.remote.open(place.address, context).registry
        if recordsNoTrace { return PromptClient(registry, configuration) }
        let (store, problem) = configuration.traceStore()
        return PromptClient(registry, configuration, traces: store, problem)
    }

    /// Waits until the trace is stored; that it could not be is no failure of the call.
    private func finish(_ tracer: PromptClient, _ context: CommandContext) async {
        if recordsNoTrace { return }
        let report = await tracer.flush(timeout: view.remote.timeout)
        for reason in report.reasons { context.console.warning(reason) }
        if report.waiting > 0 { context.console.warning("the trace was not stored in time") }
    }

    // MARK: - The output

    private static func json(
        _ answer: ChatAnswer, _ request: ChatRequest, _ filled: TemplateOptions.Filled, _ elapsed: Duration,
        _ trace: JSONValue
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
            "cost": answer.cost.map { .number("\($0)") } ?? .null,
            "latency_ms": JSONValue(Int(elapsed / .milliseconds(1))), "trace": trace,
        ]
    }

    static let name = "call"
    static let definition = CommandDefinition<Self>(
        name, summary: "Ask a model with a template, and record a linked trace",
        discussion: [
            "Fills in the variables as render does, sends the result to a model, and prints the answer. The trace is "
                + "kept where MLFLOW_TRACKING_URI says, else in the registry, and is linked to the version.",
            "Any endpoint that speaks OpenAI's chat API will do: that of --endpoint, else the serving endpoints of "
                + "the registry's Databricks workspace, else that of OPENAI_BASE_URL; the key is OPENAI_API_KEY.",
        ],
        arguments: [TemplateOptions.argument.at(\.template)],
        options: [
            OptionGroup(
                "Call flags",
                TemplateOptions.options.at(\.template) + [
                    Option(
                        Flag(
                            "model", value: .text("MODEL"), help: "The model",
                            defaultText: "the version's model_config"), \.model),
                    Option(
                        Flag(
                            "endpoint", value: .text("URL"),
                            help: "The endpoint's address, to which /chat/completions is added",
                            defaultText: "the workspace's", environment: "OPENAI_BASE_URL"), \.endpoint),
                    Option(
                        Flag(
                            "experiment", value: .text("NAME"),
                            help: "The experiment of the trace, by its name or id",
                            defaultText: "Default", environment: "MLFLOW_EXPERIMENT_NAME"), \.experiment),
                    Option(Flag("no-trace", help: "Record no trace"), \.recordsNoTrace),
                ]), OptionGroup("Registry flags", ViewOptions.place.at(\.view)),
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

extension [String] {
    /// Texts as messages of a user.
    fileprivate var messages: JSONValue {
        .array(map { ["role": .string("user"), "content": .string($0)] })
    }
}
