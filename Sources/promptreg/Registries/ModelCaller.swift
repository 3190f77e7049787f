import ChatModels
import HTTP
import MLflowServer
import PromptClient
import Prompts
import Support
import Tracing

/// Asks models, and records each call as a trace that is linked to the version.
struct ModelCaller: Sendable {
    /// For how long a server that is away is asked to store traces: somebody waits for the command to end.
    private static let tracePatience = Duration.seconds(5)

    private let options: ModelOptions
    private let timeout: Duration
    private let tracer: PromptClient
    private let chat: ChatEndpoint

    /// What came of a call.
    struct Call: Sendable {
        /// The answer, or why there is none.
        let answer: Result<ChatAnswer, RegistryError>
        /// How long the answer took, or the failure, as its trace tells it: without waits for the endpoint to be asked again.
        let elapsed: Duration
        /// The tokens that it took, also where the answer is none; nil where that is not known.
        let usage: ChatAnswer.Usage?
        /// What it cost, in dollars, also where the answer is none; nil where that is not known.
        let cost: CostSum?
        /// The trace; nil where none is recorded.
        let traceID: String?
        /// Whether there is no answer for a reason that says nothing of the version, of which there is no trace either.
        let isOfSetup: Bool
    }

    /// A caller; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - options: What the command line says.
    ///   - remote: How servers are reached.
    ///   - place: Where the prompts are; traces go there unless the environment names another place.
    ///   - context: The command's context.
    /// - Throws: `CommandFailure`.
    init(
        _ options: ModelOptions, _ remote: RegistryOptions, _ place: Place, _ context: CommandContext
    ) throws(CommandFailure) {
        self.options = options
        timeout = remote.timeout
        do throws(RegistryError) {
            tracer = try Self.tracer(options, remote, place, context)
        } catch {
            throw CommandFailure(error)
        }
        // A model takes its time, and an answer costs something: few attempts, each as long as the whole may take.
        var settings = RegistryAccess(remote, deadline: RunDeadline(total: remote.timeout), context).settings
        settings.policy.attempts = 3
        settings.policy.attemptTimeout = remote.timeout
        do throws(HTTPError) {
            chat = try place.address.chatEndpoint(options.endpoint, context.environment, settings)
        } catch {
            throw CommandFailure(RegistryError(error))
        }
    }

    /// Asks a model.
    ///
    /// - Parameters:
    ///   - request: What it is asked.
    ///   - name: What the trace is called.
    ///   - version: The version that the trace is linked to; nil for none.
    ///   - judge: Says what is to be said of the trace; nil is given for an answer that there is not.
    ///   - onText: Is given the text of the answer as it comes; nil waits for all of it.
    /// - Returns: What came of it.
    func ask(
        _ request: ChatRequest, _ name: String, _ version: ResolvedVersion?,
        judge: @Sendable (Result<ChatAnswer, RegistryError>, Duration, CostSum?) -> [TraceFeedback] = {
            _, _, _ in []
        },
        onText: (@Sendable (String) -> Void)? = nil
    ) async -> Call {
        var elapsed = Duration.zero
        var traceID: String?
        var usage: ChatAnswer.Usage?
        var cost: CostSum?
        var isOfSetup = false
        let answer: Result<ChatAnswer, RegistryError>
        do {
            let told = try await tracer.withSpan(name, type: .chatModel) { span in
                traceID = span.traceID
                if let version { span.link(Prompt(version)) }
                span.setInputs(json: ["messages": request.messages])
                span.setModel(request.model)
                do throws(HTTPError) {
                    let answer = try await HTTPClient.within(timeout) {
                        await Result { () async throws(HTTPError) in
                            try await chat.ask(request, onText: onText)
                        }
                    }.get()
                    elapsed = span.stop(atMost: answer.elapsed)
                    // It may repeat the key that it was sent.
                    tracer.hide(await chat.mask())
                    (usage, cost) = (answer.usage, self.cost(of: answer))
                    if let usage {
                        span.setUsage(
                            inputTokens: usage.input, outputTokens: usage.output, totalTokens: usage.total)
                    }
                    if let cost { span.setCost(cost) }
                    if let failure = answer.failure { throw failure }
                    span.setOutputs(answer.text)
                    span.addFeedback(judge(.success(answer), elapsed, cost))
                    return answer
                } catch {
                    elapsed = span.stop(atMost: error.elapsed)
                    if error.isOfSetup {
                        (isOfSetup, traceID) = (true, nil)
                        span.discardTrace()
                    }
                    span.addFeedback(judge(.failure(RegistryError(error)), elapsed, cost))
                    throw error
                }
            }
            answer = .success(told)
        } catch {
            let failure = (error as? HTTPError).map { RegistryError($0) }
            answer = .failure(failure ?? RegistryError(.failed, "\(error)"))
        }
        return Call(
            answer: answer, elapsed: elapsed, usage: usage, cost: cost,
            traceID: options.recordsNoTrace ? nil : traceID, isOfSetup: isOfSetup)
    }

    /// Whether it was told what tokens cost.
    var hasPrice: Bool { options.price != nil }

    /// Waits until the traces are stored; that they could not be is no failure of the calls.
    ///
    /// - Returns: Whether all of them are.
    @discardableResult
    func finish(_ console: Console) async -> Bool {
        if options.recordsNoTrace { return true }
        let report = await tracer.flush(timeout: timeout)
        for reason in report.reasons {
            console.warning(report.lost > 0 ? "a trace was not stored: \(reason)" : reason)
        }
        return report.lost + report.waiting == 0
    }

    /// The page of a trace; nil where there is none.
    func page(ofTrace id: String) -> String? { tracer.page(ofTrace: id) }

    private func cost(of answer: ChatAnswer) -> CostSum? {
        if let price = options.price {
            return answer.usage.map {
                CostSum(input: Double($0.input) * price.input, output: Double($0.output) * price.output)
            }
        }
        return answer.cost.map { CostSum(total: $0) }
    }

    private static func tracer(
        _ options: ModelOptions, _ remote: RegistryOptions, _ place: Place, _ context: CommandContext
    ) throws(RegistryError) -> PromptClient {
        var configuration = PromptClientConfiguration(environment: context.environment)
        configuration.registry = place.address.description
        configuration.allowsInsecureHTTP = remote.allowsInsecureHTTP
        // A part of what was asked for is nobody's wish here.
        configuration.samplingRatio = 1
        switch options.experiment.map({ TraceExperiment($0) }) {
        case .id(let id): configuration.experimentID = id
        case .name(let name): (configuration.experimentID, configuration.experiment) = (nil, name)
        // Where `traces` and gates look for it.
        case nil where !configuration.namesExperiment:
            configuration.experimentID = place.job?.experiments.first
        case nil: break
        }
        let registry = try remote.open(place.address, context).registry
        if options.recordsNoTrace { return PromptClient(registry, configuration) }
        let (store, problem) = configuration.traceStore()
        return PromptClient(registry, configuration, traces: store, problem, patience: tracePatience)
    }
}

extension ChatRequest {
    /// What a version is asked with its variables filled in.
    ///
    /// - Parameters:
    ///   - text: The text, or a chat prompt's messages as a JSON list.
    ///   - isChat: Whether it is a list of messages.
    ///   - content: The version's content, which has settings; nil for none.
    ///   - model: The model; nil takes that of the settings.
    ///   - owner: Whose text it is, for where it is one of several.
    /// - Throws: `CommandFailure` where no model is named.
    init(
        _ text: String, isChat: Bool, of content: PromptContent?, model: String?, owner: String? = nil
    ) throws(CommandFailure) {
        let list = isChat ? try? JSONValue(parsing: text) : nil
        let message: JSONValue = ["role": .string("user"), "content": .string(text)]
        let request = ChatRequest(
            model: model, messages: list ?? .array([message]),
            config: content?.modelConfig.flatMap { try? JSONValue(parsing: $0) },
            responseFormat: content?.responseFormat.flatMap { try? JSONValue(parsing: $0) })
        guard let request else {
            throw CommandFailure(
                .usage, "no model is named" + (owner.map { " for \($0)" } ?? ""),
                hint: "pass --model, or register the prompt with model_config: {model_name: …}")
        }
        self = request
    }
}
