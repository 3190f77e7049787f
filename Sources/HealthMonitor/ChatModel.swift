import Foundation
import PromptClient

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A model behind an endpoint that speaks OpenAI's chat API.
struct ChatModel: Model {
    /// The endpoint's address, such as `https://api.openai.com/v1`.
    let endpoint: URL
    /// Its key; nil where it wants none.
    let key: String?
    /// The model's name; nil takes that of the version.
    let name: String?

    /// Why there is no answer.
    enum Problem: Error, CustomStringConvertible {
        /// Neither the environment nor the version names a model.
        case noModel
        /// The endpoint refuses to answer.
        case refused(status: Int)
        /// The answer has no text.
        case noText

        var description: String {
            switch self {
            case .noModel: "no model is named: set HEALTH_MONITOR_MODEL, or model_config in the job"
            case .refused(let status): "the model's endpoint answered with status \(status)"
            case .noText: "the model's answer has no text"
            }
        }
    }

    /// What the API answers, as far as it is needed.
    private struct Answer: Decodable {
        struct Choice: Decodable { let message: Message }
        struct Message: Decodable { let content: String? }
        struct Usage: Decodable { let promptTokens: Int, completionTokens: Int }

        let model: String?
        let choices: [Choice]?
        let usage: Usage?
    }

    func answer(_ messages: [Prompt.Message], _ prompt: Prompt) async throws -> ModelAnswer {
        var body = try Self.settings(of: prompt)
        guard let model = name ?? body["model"] as? String else { throw Problem.noModel }
        body["model"] = model
        body["messages"] = messages.map { ["role": $0.role, "content": $0.content] }

        var request = URLRequest(url: endpoint.appending(path: "chat/completions"), timeoutInterval: 300)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        request.httpBody = try JSONSerialization.data(withJSONObject: body)
        let (data, response) = try await URLSession.shared.data(for: request)
        if let status = (response as? HTTPURLResponse)?.statusCode, status != 200 {
            throw Problem.refused(status: status)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let answer = try decoder.decode(Answer.self, from: data)
        guard let text = answer.choices?.first?.message.content else { throw Problem.noText }
        return ModelAnswer(
            text: text, model: answer.model ?? model,
            usage: answer.usage.map { ($0.promptTokens, $0.completionTokens) })
    }

    /// The settings that the version was registered with, in the words of the API.
    private static func settings(of prompt: Prompt) throws -> [String: Any] {
        var settings = try prompt.modelConfig.flatMap(object) ?? [:]
        settings["model"] = settings.removeValue(forKey: "model_name")
        settings["stop"] = settings.removeValue(forKey: "stop_sequences")
        settings["provider"] = nil
        if let more = settings.removeValue(forKey: "extra_params") as? [String: Any] {
            settings.merge(more) { $1 }
        }
        if let schema = try prompt.responseFormat.flatMap(object) {
            settings["response_format"] =
                ["type": "json_schema", "json_schema": ["name": "answer", "schema": schema]] as [String: Any]
        }
        return settings.filter { !($0.value is NSNull) }
    }

    private static func object(_ json: String) throws -> [String: Any]? {
        try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    }
}
