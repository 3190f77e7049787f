package import Jobs
import Prompts
import Support

/// The prompts of an operation, as far as they are known before the registry is read.
package struct Batch: Hashable, Sendable {
    /// What is done.
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
    package init(_ operation: Operation, of desired: DesiredState) {
        self.init(
            operation, job: desired.job, target: desired.target, onError: desired.onError,
            prompts: desired.prompts.map {
                PromptSubject(
                    name: $0.name, fullName: $0.fullName,
                    source: TemplateSource($0, specPath: desired.specPath), isAdopted: $0.isAdopted)
            })
    }
}

/// A prompt of a batch.
package struct PromptSubject: Hashable, Sendable {
    /// The name within the job, else the full name.
    package var name: String
    /// The full name.
    package var fullName: String
    /// The job's template; nil without a job.
    package var source: TemplateSource?
    /// Whether the job takes over the prompt from another one.
    package var isAdopted: Bool

    /// A prompt; without a name of its own it is reported by its full name.
    package init(
        name: String? = nil, fullName: String, source: TemplateSource? = nil, isAdopted: Bool = false
    ) {
        self.name = name ?? fullName
        self.fullName = fullName
        self.source = source
        self.isAdopted = isAdopted
    }
}

extension PlannedPrompt {
    /// Refuses to move aliases of a prompt that another job registered, unless the job takes it over.
    ///
    /// - Parameters:
    ///   - prompt: The prompt as it was observed.
    ///   - subject: The prompt of the job.
    ///   - job: The job; nil where the prompt is named itself.
    mutating func checkOwner(of prompt: ObservedPrompt, _ subject: PromptSubject, in job: String?) {
        guard let job, let owner = prompt.owner, owner != job, !subject.isAdopted,
            aliases.contains(where: { $0.action != .unchanged })
        else { return }
        previousJob = owner
        problem = .belongs(
            to: owner, not: "'\(job)'",
            hint:
                "name the prompt itself: \(subject.fullName.shellWord); or let the job have it, with adopt: true in the job or the prompt"
        )
    }
}
