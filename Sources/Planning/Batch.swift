package import Jobs

/// What is to be worked on, known before the registry was asked.
package struct Batch: Hashable, Sendable {
    /// What is to be done.
    package var operation: Operation
    /// The job's name; nil where prompts are named without a job.
    package var job: String?
    /// The target in use.
    package var target: String?
    /// What a failure does.
    package var onError: OnError
    /// The prompts; none where the registry has to be asked for them first.
    package var prompts: [PromptSubject]

    /// A batch.
    package init(
        _ operation: Operation, job: String? = nil, target: String? = nil, onError: OnError = .hold,
        prompts: [PromptSubject]
    ) {
        self.operation = operation
        self.job = job
        self.target = target
        self.onError = onError
        self.prompts = prompts
    }

    /// The prompts of a job.
    ///
    /// - Parameters:
    ///   - operation: What is to be done.
    ///   - desired: The job.
    package init(_ operation: Operation, of desired: DesiredState) {
        self.init(
            operation, job: desired.job, target: desired.target, onError: desired.onError,
            prompts: desired.prompts.map { PromptSubject($0, specPath: desired.specPath) })
    }
}

/// A prompt that is to be worked on.
package struct PromptSubject: Hashable, Sendable {
    /// The name within the job; else the full name.
    package var name: String
    /// The name in the registry.
    package var fullName: String
    /// The job's template; nil without a job.
    package var source: TemplateSource?

    /// A prompt that no job is at hand for.
    ///
    /// - Parameters:
    ///   - name: The name in a report; nil: the full one.
    ///   - fullName: The name in the registry.
    package init(name: String? = nil, fullName: String) {
        self.name = name ?? fullName
        self.fullName = fullName
    }

    /// A prompt of a job.
    package init(_ desired: DesiredPrompt, specPath: String) {
        name = desired.name
        fullName = desired.fullName
        source = TemplateSource(desired, specPath: specPath)
    }
}

extension TemplateSource {
    /// The source of a job's template.
    init(_ desired: DesiredPrompt, specPath: String) {
        self.init(
            path: desired.template.path, files: desired.files, specPath: specPath,
            specLine: desired.specLine, characters: desired.template.characters,
            variables: desired.template.variables, previousVariables: [])
    }
}
