/// A way in which two states of a prompt differ.
package enum Difference: String, Hashable, Sendable, Codable, CaseIterable {
    /// One is text, the other chat.
    case kind
    /// The template.
    case template
    /// The model's settings.
    case modelConfig = "model_config"
    /// The response format.
    case responseFormat = "response_format"
    /// The prompt's description.
    case description
    /// The tags.
    case tags
    /// The experiments that show the prompt.
    case experiments
    /// The prompt's name.
    case name
    /// The job that the prompt belongs to.
    case job
    /// The registry has versions that were registered twice.
    case repetitions
    /// None, but a new version is forced.
    case forced
}
