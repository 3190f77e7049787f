import ChatModels
import HTTP
import PromptClient
import Support

/// A model behind an endpoint that speaks OpenAI's chat API.
struct ChatModel: Model {
    /// The endpoint.
    let endpoint: ChatEndpoint
    /// The model's name; nil takes that of the version.
    let name: String?

    /// Why there is no answer.
    enum Problem: Error, CustomStringConvertible {
        /// Neither the environment nor the version names a model.
        case noModel
        /// The endpoint says so.
        case endpoint(String)

        var description: String {
            switch self {
            case .noModel: "no model is named: set HEALTH_MONITOR_MODEL, or model_config in the job"
            case .endpoint(let message): message
            }
        }
    }

    func answer(_ messages: [Prompt.Message], _ prompt: Prompt) async throws -> ModelAnswer {
        let list = messages.map { message -> JSONValue in
            ["role": .string(message.role), "content": .string(message.content)]
        }
        let request = ChatRequest(
            model: name, messages: .array(list),
            config: prompt.modelConfig.flatMap { try? JSONValue(parsing: $0) },
            responseFormat: prompt.responseFormat.flatMap { try? JSONValue(parsing: $0) })
        guard let request else { throw Problem.noModel }
        do throws(HTTPError) {
            let answer = try await HTTPClient.within(.seconds(300)) {
                await Result { () async throws(HTTPError) in try await endpoint.ask(request) }
            }.get()
            return ModelAnswer(
                text: answer.text, model: answer.model ?? request.model,
                usage: answer.usage.map { ($0.input, $0.output) })
        } catch {
            throw Problem.endpoint(error.message)
        }
    }
}
