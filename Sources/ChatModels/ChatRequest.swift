package import Support

/// What a chat model is asked.
package struct ChatRequest: Sendable {
    /// The model's name.
    package let model: String
    /// The messages as a JSON list.
    package let messages: JSONValue
    /// The request's body.
    let body: JSONValue

    /// MLflow's names for settings that the API names otherwise, and what is none of the API's.
    private static let renamed = ["stop_sequences": "stop"]
    private static let own: Set<String> = ["provider", "model_name", "extra_params"]

    /// A request; nil where no model is named.
    ///
    /// - Parameters:
    ///   - model: The model's name; nil takes that of the settings.
    ///   - messages: The messages as a JSON list.
    ///   - config: The version's `model_config`.
    ///   - responseFormat: The JSON Schema of the answer.
    package init?(model: String?, messages: JSONValue, config: JSONValue?, responseFormat: JSONValue?) {
        let config = config ?? [:]
        let named: String? = if case .string(let name)? = config["model_name"] { name } else { nil }
        guard let model = model ?? named else { return nil }
        self.model = model
        self.messages = messages
        var body: JSONValue = ["model": .string(model), "messages": messages]
        for settings in [config, config["extra_params"] ?? [:]] {
            guard case .object(let members) = settings else { continue }
            for member in members where !Self.own.contains(member.key) && member.value != .null {
                body[Self.renamed[member.key] ?? member.key] = member.value
            }
        }
        if let responseFormat {
            body["response_format"] = [
                "type": .string("json_schema"),
                "json_schema": ["name": .string("answer"), "schema": responseFormat],
            ]
        }
        self.body = body
    }

    /// Whether the model may ask for functions to be called.
    var hasTools: Bool { body["tools"] != nil }
}
