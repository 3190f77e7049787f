/// The tags that mean something to MLflow (`mlflow.prompt.constants` of MLflow 3.17.2).
package enum ReservedTag {
    /// Marks a registered model, and each of its versions, as a prompt.
    package static let isPrompt = "mlflow.prompt.is_prompt"
    /// Holds a version's template.
    package static let text = "mlflow.prompt.text"
    /// Holds a version's kind, `text` or `chat`.
    package static let kind = "_mlflow_prompt_type"
    /// Holds a version's response format as JSON.
    package static let responseFormat = "_mlflow_prompt_response_format"
    /// Holds a version's model settings as JSON.
    package static let modelConfig = "_mlflow_prompt_model_config"
    /// Holds the experiments that a prompt shows in, as `,12,15,`.
    package static let experimentIDs = "_mlflow_experiment_ids"

    /// Says in an experiment of Databricks in which schema its prompts are, as `main.agent`; without it, it shows none.
    package static let promptLocation = "mlflow.promptRegistryLocation"

    /// The tags that carry a version's content, and so are no tags to a user.
    package static let content: Set<String> = [isPrompt, text, kind, responseFormat, modelConfig]
}
