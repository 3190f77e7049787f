package import Diagnostics
package import Prompts
import Templates

/// What a job wants a registry to hold.
package struct DesiredState: Hashable, Sendable {
    /// The job's name.
    package var job: String
    /// What the job is for.
    package var description: String?
    /// The path of the spec, as it is shown to the user.
    package var specPath: String
    /// The target in use; nil when the job has none.
    package var target: String?
    /// The names of all targets.
    package var targets: [String] = []
    /// The registry that the target or the job names, as written; nil when neither does.
    package var registry: String?
    /// Whether variables are a part of that.
    package var registryHasVariables = false
    /// Whether the registry in use is another one than the target's, as the command line names it.
    package var isElsewhere = false
    /// The folder whose files are the prompts; nil where the spec lists them.
    package var discoveredFolder: String?
    /// The folder in which prompts are looked for, all or those of patterns; nil where the spec lists all of them.
    package var searchedFolder: String?
    /// The folder of the templates, links resolved; nil where there is none.
    var resolvedFolder: String?
    /// The folder of the spec, which a relative `registry` is relative to.
    package var specFolder: String
    /// What a failure does.
    package var onError = OnError.hold
    /// Whether new versions get provenance tags.
    package var provenance = true
    /// What a run does about versions that something else made; nil: refuse to move an alias away from one, else warn.
    package var onForeign: OnForeign?
    /// The versions that something else made and that the files are based on.
    package var pulled: PulledVersions
    /// What is demanded of whoever writes.
    package var policy = Policy()
    /// What other targets demand of whoever writes to the registry in use, by their names.
    package var policiesOfOthers: [String: Policy] = [:]
    /// The values of the job's variables.
    package var variables: [String: String] = [:]
    /// The prompts, in the order of the spec or by file name.
    package var prompts: [DesiredPrompt]
    /// The full names of the prompts that are left out, as their files are empty.
    package var skipped: [String] = []
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
    /// The path of the file that defines the tools among them, as shown to the user; nil when the spec does.
    package var toolsPath: String?
    /// The JSON Schema of the answer.
    package var responseFormat: String?
    /// The path of the file that holds the response format, as shown to the user; nil when the spec does.
    package var responseFormatPath: String?
    /// What the prompt is for; nil keeps the registry's.
    package var description: String?
    /// The tags that the job sets.
    package var tags: [String: String]
    /// The aliases that the job sets.
    package var aliases: [String]
    /// The ids of the experiments that show the prompt.
    package var experiments: [String] = []
    /// Whether the job takes the prompt over from another one.
    package var isAdopted = false
    /// The full name that the prompt had before; nil where it always had this one.
    package var movedFrom: String?
    /// What to warn of where the registry has nothing of that name; nil without one.
    package var unknownOldName: Diagnostic?
    /// What has to be so before the prompt is promoted.
    package var gates: [Gate] = []

    /// The files that the prompt is read from, besides the spec.
    package var files: [String] {
        [template.path] + (template.parts?.files.map(\.path) ?? [])
            + [responseFormatPath, toolsPath].compactMap(\.self)
    }
}

/// A template as it is registered.
package struct LoadedTemplate: Hashable, Sendable {
    /// The path, as it is shown to the user.
    package var path: String
    /// Whether it is a list of messages.
    package var isChat: Bool
    /// The text, or a chat prompt's messages as a JSON list.
    package var text: String
    /// The files whose texts are parts of it; nil where none are.
    package var parts: TemplateParts?
    /// The length of `text` in characters, counted as Python and MLflow count them: Unicode scalars.
    package var characters: Int { text.scalarCount }

    /// The variables that MLflow fills in, sorted.
    package var variables: [String] {
        PromptContent(kind: isChat ? .chat : .text, template: text).variables
    }

    /// A template.
    package init(path: String, isChat: Bool, text: String, parts: TemplateParts? = nil) {
        self.path = path
        self.isChat = isChat
        self.text = text
        self.parts = parts
    }
}

extension DesiredState {
    /// Whether a file in the searched folder may be a prompt, by its name.
    package static func mayBePrompt(_ path: String) -> Bool {
        TemplateDiscovery.endings.contains { path.hasSuffix($0) }
    }

    /// The aliases that the job names, also those that no run of it sets.
    package var aliases: Set<String> { Set(prompts.flatMap(\.aliases) + policy.protectedAliases) }

    /// A job without a target.
    package init(job: String, specPath: String, onError: OnError, prompts: [DesiredPrompt]) {
        self.init(
            job: job, specPath: specPath, specFolder: FilePath.folder(of: specPath), onError: onError,
            pulled: PulledVersions(beside: specPath), prompts: prompts)
    }
}

extension DesiredPrompt {
    /// A prompt without settings.
    package init(name: String, fullName: String, specLine: Int, template: LoadedTemplate, aliases: [String]) {
        self.init(
            name: name, fullName: fullName, specLine: specLine, template: template, tags: [:],
            aliases: aliases)
    }

    /// What its next version holds.
    package var content: PromptContent {
        PromptContent(
            kind: template.isChat ? .chat : .text, template: template.text, modelConfig: modelConfig,
            responseFormat: responseFormat)
    }
}
