import Support

extension PromptContent {
    /// The digest of what an agent gets: kind, template, model_config and response_format. How JSON is laid out does not
    /// count, and neither do tags and descriptions, which may change.
    package var hash: String {
        let parts: [JSONValue] = [
            .string(kind.rawValue),
            kind == .chat ? JSONValue(stored: template) : .string(template),
            JSONValue(stored: modelConfig), JSONValue(stored: responseFormat),
        ]
        return "sha256:" + SHA256.hexDigest(of: JSONValue.array(parts).canonical.utf8)
    }
}
