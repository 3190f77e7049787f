/// One way in which two states of a prompt differ.
package enum Difference: String, Hashable, Sendable, Codable, CaseIterable {
    /// Text here, chat there.
    case kind
    /// The template.
    case template
    /// The model's settings.
    case modelConfig = "model_config"
    /// The answer's shape.
    case responseFormat = "response_format"
    /// The prompt's description.
    case description
    /// The tags.
    case tags
    /// The experiments that show the prompt.
    case experiments
    /// Nothing, but a new version was asked for all the same.
    case forced
}
