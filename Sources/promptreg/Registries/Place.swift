import Jobs
import Planning
import Prompts
import Support

/// Where the names of prompts on the command line are looked up: in a registry, by the short names of a job if there is
/// one.
struct Place: Sendable {
    /// Which registry it is, and who says so.
    let choice: RegistryChoice
    /// The job, whose templates may not have been read; nil where only full names are known.
    let job: DesiredState?

    /// A place.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - passed: The registry's address that was passed.
    ///   - plan: The file of the saved plan that passed it; nil: `--registry` did.
    ///   - context: Its environment may name the registry.
    /// - Throws: `CommandFailure`.
    init(
        of job: DesiredState?, passed: String?, by plan: String? = nil, _ context: CommandContext
    ) throws(CommandFailure) {
        do throws(RegistryError) {
            choice = try RegistryChoice(passed: passed, job: job, environment: context.environment)
        } catch {
            throw CommandFailure(error, .usage)
        }
        guard var job else {
            self.job = nil
            return
        }
        let own = job.registry == nil ? nil : try? RegistryChoice(passed: nil, job: job, environment: [:])
        let isOwn = own?.address.isSame(as: choice.address) ?? job.targets.isEmpty
        if !isOwn {
            job.policiesOfOthers = OtherTargets(of: job, environment: context.environment)
                .policies(at: choice.address)
        }
        if job.target == nil, !job.targets.isEmpty {
            try Self.tellOfNoTarget(job, choice, context.console)
        } else if let own, let target = job.target, own.address != choice.address {
            job.isElsewhere = true
            let source = plan.map { "the registry of the plan \($0)" } ?? "--registry"
            context.console.note(
                "\(source) is used in place of \(own.address.description), the registry of target \(target)")
        }
        self.job = job
    }

    /// The registry of a lock file.
    init(_ choice: RegistryChoice) {
        self.choice = choice
        job = nil
    }

    /// Says that no target of a job is used, which is wrong where nothing else says where to register.
    private static func tellOfNoTarget(
        _ job: DesiredState, _ choice: RegistryChoice, _ console: Console
    ) throws(CommandFailure) {
        let targets = job.targets.joined(separator: ", ")
        guard choice.origin == .none else {
            return console.note(
                "no target of \(job.specPath) is used, as none is its default; --target takes \(targets)")
        }
        throw CommandFailure(
            .usage, "\(job.specPath) has targets and no default one, and nothing else names a registry",
            hint: "pass --target (\(targets)) or --registry, or give a target default: true")
    }

    /// Where the registry is.
    var address: RegistryAddress { choice.address }

    /// The query for the schema of the job's prompts; nil where they have none, or there is no job.
    var query: PromptQuery? {
        job?.prompts.first.flatMap { QualifiedName($0.fullName).schema }
            .map { PromptQuery(catalog: $0.catalog, schema: $0.name) }
    }

    /// The full name of a prompt.
    ///
    /// - Parameter name: Its name in the job, with or without the job's prefix, or its full name; behind
    ///   `prompts:/` always that.
    /// - Returns: The full name; the name as it is where the job does not know it.
    func fullName(_ name: String) -> String {
        if name.hasPrefix(PromptURI.scheme) { return String(name.dropFirst(PromptURI.scheme.count)) }
        let prompts = job?.prompts ?? []
        let named =
            prompts.first { $0.name == name } ?? prompts.first { QualifiedName($0.fullName).name == name }
        return named?.fullName ?? name
    }

    /// Reads the address of a prompt or version; behind `prompts:/` a name is always the full one.
    ///
    /// - Parameter argument: The address.
    /// - Returns: It, with the full name.
    /// - Throws: `CommandFailure`.
    func uri(_ argument: String) throws(CommandFailure) -> PromptURI {
        var uri = try PromptURI(argument: argument)
        if !argument.hasPrefix(PromptURI.scheme) { uri.name = fullName(uri.name) }
        return uri
    }

    /// Adds to the error for a prompt that does not exist what the job calls a prompt of nearly that name.
    func explained(_ error: RegistryError) -> RegistryError {
        var error = error
        let isUnnamed = choice.origin != .flag && job == nil
        if error.code == .notARegistry, choice.origin == .none, job == nil, address.isAbsentFolder,
            let jobs = DefaultJob.list
        {
            error.hint = "--job names the job whose registry is meant; \(jobs)"
        }
        guard error.code == .notFound, let name = error.prompt else { return error }
        if let job, job.prompts.contains(where: { $0.name == name }) {
            error.hint = "in the job that is the name of '\(fullName(name))'"
        } else if let near = job.flatMap({ nearestName(to: name, in: $0.prompts.map(\.name)) })
            ?? job.flatMap({ QualifiedName(name).nearest(in: $0.prompts.map(\.fullName)) })
        {
            error.hint = "did you mean '\(near)'?"
        } else if let hint = JobSpecs.hint(ofFolder: name) {
            error.hint = hint
        } else if isUnnamed, QualifiedName(name).schema == nil, let jobs = DefaultJob.list {
            error.hint = "a name in a job needs --job; \(jobs)"
        }
        return error
    }
}

extension CommandContext {
    /// Finds out where names are looked up, and says so unless the command line does: in the job that it names; without
    /// one, in the registry that it names; without that, in the only job of `jobs/`, else where the environment says.
    ///
    /// - Parameters:
    ///   - options: What the command line says.
    ///   - isTold: Whether to say where that is.
    ///   - names: The prompts that are written to, for which the gates and the policy of a job count beside `--registry`,
    ///     too; nil where nothing is written.
    /// - Returns: The place.
    /// - Throws: `CommandFailure`.
    func place(
        _ options: JobOptions, isTold: Bool = true, writing names: [String]? = nil
    ) throws(CommandFailure) -> Place {
        // A target belongs to a job, also where the environment names it.
        let hasTarget = JobInputs.target(in: environment) != nil
        let needsJob = options.needsJob || (hasTarget && options.registry == nil)
        let takesOnly = needsJob || hasTarget || names != nil || options.registry == nil
        let path = options.path ?? (takesOnly ? DefaultJob.only : nil)
        if path == nil, needsJob { throw DefaultJob.missing("no job is named") }
        let job = try path.map { path throws(CommandFailure) in
            try load(path, options.inputs, readsTemplates: false)
        }
        let place = try Place(of: job, passed: options.registry, self)
        if isTold, place.choice.origin != .flag {
            console.note("registry \(place.choice.description)")
            if place.choice.origin == .none, job == nil, let jobs = DefaultJob.list {
                console.note("no job is named; --job names the one whose registry is meant: \(jobs)")
            }
        }
        if let names { try checkRules(of: names, path, options) }
        return place
    }

    /// Says whose gates and policy count where the command line names no job.
    ///
    /// - Throws: `CommandFailure` where one of several jobs has such rules for a prompt.
    private func checkRules(
        of names: [String], _ path: String?, _ options: JobOptions
    ) throws(CommandFailure) {
        if let path {
            guard options.path == nil, options.registry != nil else { return }
            return console.note("the gates and the policy of \(path) count, the only job in jobs/")
        }
        guard let jobs = DefaultJob.list else { return }
        var inputs = options.inputs
        inputs.environment = environment
        for path in DefaultJob.all {
            let loaded = LoadedJob(path: path, inputs: inputs, readsTemplates: false).state
            let targets = loaded.map { OtherTargets(of: $0, environment: environment).states } ?? []
            for job in [loaded].compactMap(\.self) + targets where job.hasRules {
                guard let name = names.first(where: job.names) else { continue }
                throw CommandFailure(
                    .usage, "\(path) has rules for '\(name)', and no job is named",
                    hint: "--job names the job whose gates and policy count; \(jobs)")
            }
        }
        console.warning(
            "no job is named, so no gates and no policy of a job count; --job names one: \(jobs)")
    }
}

extension DesiredState {
    /// Whether it demands anything of promotions and rollbacks.
    fileprivate var hasRules: Bool {
        policy.demandsAnything(of: .promote) || prompts.contains { !$0.gates.isEmpty }
    }

    /// Whether a name is that of a prompt, in the job or in the registry.
    fileprivate func names(_ name: String) -> Bool {
        let name = name.hasPrefix(PromptURI.scheme) ? String(name.dropFirst(PromptURI.scheme.count)) : name
        return prompts.contains { $0.fullName == name || $0.name == name }
    }
}
