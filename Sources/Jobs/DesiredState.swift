import Diagnostics
package import Prompts
import Templates

/// What a job wants a registry to hold: everything that can be known without asking the registry.
package struct DesiredState: Hashable, Sendable {
    /// The job's name.
    package var job: String
    /// What the job is for.
    package var description: String?
    /// The path of the spec, as it is shown to the user.
    package var specPath: String
    /// The target in use; nil when the job has none.
    package var target: String?
    /// The registry that the target or the job names, as written; nil when neither does.
    package var registry: String?
    /// The folder of the spec, which a relative `registry` is relative to.
    package var specFolder: String
    /// What a failure does.
    package var onError: OnError
    /// Whether new versions get provenance tags.
    package var provenance: Bool
    /// The values of the job's variables.
    package var variables: [String: String]
    /// The prompts, in the order of the spec or by file name.
    package var prompts: [DesiredPrompt]

    /// A desired state.
    package init(
        job: String, description: String? = nil, specPath: String, target: String? = nil,
        registry: String? = nil, specFolder: String, onError: OnError = .hold, provenance: Bool = true,
        variables: [String: String] = [:], prompts: [DesiredPrompt]
    ) {
        self.job = job
        self.description = description
        self.specPath = specPath
        self.target = target
        self.registry = registry
        self.specFolder = specFolder
        self.onError = onError
        self.provenance = provenance
        self.variables = variables
        self.prompts = prompts
    }
}

/// One prompt as a job wants it.
package struct DesiredPrompt: Hashable, Sendable {
    /// The name within the job.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The line of the spec that names the prompt, from 1.
    package var specLine: Int
    /// The template as it is registered, and where it came from.
    package var template: LoadedTemplate
    /// The model's settings as a JSON object.
    package var modelConfig: String?
    /// The answer's shape as a JSON object.
    package var responseFormat: String?
    /// The path of the file that holds it, as it is shown to the user; nil when the spec does.
    package var responseFormatPath: String?
    /// What the prompt is for; nil leaves what the registry has.
    package var description: String?
    /// The tags that the job sets.
    package var tags: [String: String]
    /// The aliases that the job sets.
    package var aliases: [String]
    /// The ids of the experiments that are to show the prompt.
    package var experiments: [String]

    /// A prompt.
    package init(
        name: String, fullName: String, specLine: Int, template: LoadedTemplate, modelConfig: String? = nil,
        responseFormat: String? = nil, responseFormatPath: String? = nil, description: String? = nil,
        tags: [String: String] = [:], aliases: [String], experiments: [String] = []
    ) {
        self.name = name
        self.fullName = fullName
        self.specLine = specLine
        self.template = template
        self.modelConfig = modelConfig
        self.responseFormat = responseFormat
        self.responseFormatPath = responseFormatPath
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.experiments = experiments
    }

    /// The files that it is made of, besides the spec.
    package var files: [String] { [template.path] + [responseFormatPath].compactMap(\.self) }
}

/// A template as it is registered.
package struct LoadedTemplate: Hashable, Sendable {
    /// The path, as it is shown to the user.
    package var path: String
    /// Whether it is a list of messages.
    package var isChat: Bool
    /// The text, or a chat prompt's messages as a JSON list.
    package var text: String
    /// The length of `text` in characters, counted as Python and MLflow count them: Unicode scalars.
    package var characters: Int

    /// The variables that MLflow fills in, sorted.
    package var variables: [String] {
        PromptContent(kind: isChat ? .chat : .text, template: text).variables
    }

    /// A template.
    package init(path: String, isChat: Bool, text: String, characters: Int) {
        self.path = path
        self.isChat = isChat
        self.text = text
        self.characters = characters
    }
}

extension DesiredPrompt {
    /// What its next version says.
    package var content: PromptContent {
        PromptContent(
            kind: template.isChat ? .chat : .text, template: template.text, modelConfig: modelConfig,
            responseFormat: responseFormat)
    }
}
