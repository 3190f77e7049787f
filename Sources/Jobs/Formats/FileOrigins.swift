import Support

/// Where a template file says the settings of its prompt, in the words of its format.
struct FileOrigins {
    /// The keys that lead to a value.
    typealias Path = [String]

    /// How a file writes a JSON Schema.
    enum SchemaForm {
        /// As it is.
        case plain
        /// As dotprompt does: JSON Schema or Picoschema.
        case picoschema
        /// As Prompty's `outputs`: a mapping or a list of properties, or JSON Schema.
        case outputs
        /// As JSON in a text.
        case text
    }

    /// How a file declares its variables.
    enum VariableForm {
        /// As the keys of a mapping.
        case keys
        /// As dotprompt's `input.schema`.
        case picoschema
        /// As Prompty's `inputs`.
        case inputs
        /// By values for a try.
        case sample
    }

    /// The settings of the model, by their names in a job.
    var model: [String: Path] = [:]
    /// The mapping in which they stand; nil where the file has none.
    var modelPlace: Path?
    /// The schema of the answer.
    var responseFormat: (path: Path, form: SchemaForm)?
    /// The variables, where they are no list of names.
    var variables: (path: Path, form: VariableForm)?

    /// What a dotprompt file says that names no setting of the model by its format's words.
    static let dotprompt = FileOrigins(modelPlace: ["config"])

    private static let camelCase = [
        "max_tokens": "maxOutputTokens", "top_p": "topP", "top_k": "topK", "stop_sequences": "stopSequences",
        "frequency_penalty": "frequencyPenalty", "presence_penalty": "presencePenalty",
    ]

    /// Where a setting of the model that the file does not have yet belongs; nil where the file's format does not tell.
    ///
    /// - Parameters:
    ///   - name: Its name in a job.
    ///   - header: What the file says.
    /// - Returns: The keys that lead there.
    func newPlace(ofModelSetting name: String, in header: JSONValue) -> Path? {
        let isPrompty = header["model"].map { if case .object = $0 { true } else { false } } ?? false
        switch name {
        case "model_name" where isPrompty, "provider" where isPrompty:
            guard let configuration = header["model"]?["configuration"] else {
                return ["model", name == "provider" ? "provider" : "id"]
            }
            let isAzure = configuration["type"] == .string("azure_openai")
            return [
                "model", "configuration", name == "provider" ? "type" : isAzure ? "azure_deployment" : "name",
            ]
        case "model_name" where modelPlace != nil: return ["model"]
        default: break
        }
        guard let modelPlace else { return nil }
        switch modelPlace.last {
        case "parameters": return modelPlace + [name == "stop_sequences" ? "stop" : name]
        case "modelParameters" where name == "max_tokens": return modelPlace + ["maxTokens"]
        case "additionalProperties": return modelPlace + [name]
        default: return modelPlace + [Self.camelCase[name] ?? name]
        }
    }
}
