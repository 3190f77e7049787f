import ArgumentParsing
import Glibc
import Jobs
import Planning
import Prompts

/// A job, or prompts by their full names: what `promote` and `rollback` work on.
struct Subjects: Hashable, Sendable {
    /// The path of the job that was named as an argument.
    private var argumentPath: String?
    /// The names of the prompts, each once; none where a job is named.
    private(set) var names: [String] = []
    /// What is passed to the job, or says where the names are looked up.
    var job = JobOptions()

    /// The path of the job whose prompts are meant; nil where prompts are named.
    var jobPath: String? { names.isEmpty ? argumentPath ?? job.path : nil }

    /// Whether nothing is named.
    var isEmpty: Bool { jobPath == nil && names.isEmpty }

    /// The argument.
    static var argument: Argument<Subjects> {
        Argument(
            Positional(
                NameCompletion.prompts.value("JOB|NAME", orFile: true), arity: .zeroOrMore,
                help:
                    "A job spec, or prompts: full names such as main.agent.prompt_cost, or names in the job; "
                    + "the only job in jobs/ if left out"
            )
        ) { subjects, words throws(ArgumentProblem) in
            for word in words {
                if isPath(word) {
                    if words.count > 1 { throw ArgumentProblem("a job must stand alone", word: word) }
                    subjects.argumentPath = word
                } else {
                    let name = try name(word)
                    if !subjects.names.contains(name) { subjects.names.append(name) }
                }
            }
        }
    }

    /// Checks that flags for a job come with one, and that one job is named.
    func validate() throws(UsageError.Reason) {
        try job.checkNamedOnce(argumentPath)
        if !names.isEmpty, let reason = job.unexpectedSelection("it applies to jobs only") { throw reason }
    }

    /// The subjects, which are the only job here where nothing is named.
    func named(_ console: Console) throws(CommandFailure) -> Subjects {
        var subjects = self
        if isEmpty { subjects.argumentPath = try DefaultJob.path(console) }
        return subjects
    }

    /// Reads a prompt's full name.
    ///
    /// - Parameter argument: The argument, which may be an address that names no version.
    /// - Returns: The name.
    /// - Throws: `ArgumentProblem`.
    static func name(_ argument: String) throws(ArgumentProblem) -> String {
        let uri: PromptURI
        do throws(RegistryError) {
            uri = try PromptURI(argument)
        } catch {
            throw ArgumentProblem(error.message, word: argument)
        }
        guard uri.reference == nil else {
            throw ArgumentProblem(
                "it names one version, and the prompt is wanted: \(uri.name)", word: argument)
        }
        // Behind the scheme a name is always the full one.
        return argument.hasPrefix(PromptURI.scheme) ? PromptURI.scheme + uri.name : uri.name
    }

    /// Whether an argument is a path and not the name or address of a prompt.
    ///
    /// A path is what has one of the endings, what is written as one, and any file that exists; `prompts:/` in front
    /// always makes it an address.
    ///
    /// - Parameters:
    ///   - text: The argument.
    ///   - endings: The endings of such files, in lower case.
    /// - Returns: Whether it is a path.
    static func isPath(_ text: String, endings: [String]) -> Bool {
        if text.hasPrefix("prompts:/") { return false }
        if ["/", "./", "../"].contains(where: text.hasPrefix)
            || endings.contains(where: text.lowercased().hasSuffix)
        {
            return true
        }
        var status = stat()
        return stat(text, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
    }

    /// Whether an argument is the path of a job, or is meant as one.
    static func isPath(_ text: String) -> Bool {
        isPath(text, endings: [".yaml", ".yml"])
            || !text.hasPrefix(PromptURI.scheme) && JobSpecs.isMeant(by: text)
    }
}

extension Subjects {
    /// What to do with them.
    ///
    /// - Parameters:
    ///   - operation: What is done.
    ///   - context: Where findings are printed.
    ///   - plan: Makes the plan.
    /// - Returns: The work.
    func work(
        _ operation: Operation, _ context: CommandContext,
        plan: @escaping @Sendable (PreparedBatch, any PromptRegistry) async throws(RegistryError) -> Plan
    ) -> BatchWork {
        BatchWork(
            operation: operation, specPath: jobPath,
            prepare: { () throws(CommandFailure) in
                if let jobPath { return PreparedBatch(operation, try context.job(jobPath, job)) }
                let place = try context.place(job, writing: names)
                var fullNames: [String] = []
                for name in names.map(place.fullName) where !fullNames.contains(name) {
                    fullNames.append(name)
                }
                return PreparedBatch(
                    Batch(operation, prompts: fullNames.map { PromptSubject(fullName: $0) }), at: place)
            },
            plan: { batch, registry throws(RegistryError) in
                var plan = try await plan(batch, registry)
                guard let place = batch.place else { return plan }
                let missing = plan.prompts.indices.filter {
                    !plan.prompts[$0].exists && plan.prompts[$0].problem?.code == .notFound
                }
                for index in missing.prefix(Self.explained) {
                    let error = await registry.notFound(prompt: plan.prompts[index].prompt.name)
                    plan.prompts[index].problem = place.explained(error)
                }
                return plan
            })
    }

    /// For how many prompts that do not exist a similar name is looked for.
    private static let explained = 10
}
