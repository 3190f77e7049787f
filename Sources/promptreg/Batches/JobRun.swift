import Diagnostics
import Glibc
import Jobs
import Planning
import Prompts
import Support

/// A run of a job, as the command line or a saved plan asks for it: what `run` and `plan` do.
struct JobRun: Sendable {
    /// What was asked for.
    let request: RunRequest
    /// The plan that has to hold still; nil when any will do.
    let saved: SavedPlan?
    /// The saved plan's file; nil without one.
    private let planPath: String?
    /// What the command line says beside a saved plan.
    private let passed: RunRequest
    /// Whether a warning is as bad as an error.
    var isStrict = false

    /// A run that the command line describes.
    init(_ request: RunRequest) {
        self.request = request
        planPath = nil
        saved = nil
        passed = request
    }

    /// A run that a saved plan describes.
    ///
    /// - Parameters:
    ///   - path: The plan's file.
    ///   - passed: What the command line says: a spec's path and a registry take the place of the plan's, and a target and
    ///     variables have to be the plan's.
    /// - Throws: `CommandFailure`.
    init(savedPlan path: String, _ passed: RunRequest) throws(CommandFailure) {
        let saved = try SavedPlan(contentsOf: path, "saved plan", remedy: "make one with plan --out FILE")
        var request = saved.request
        if !passed.specPath.isEmpty {
            request.specPath = passed.specPath
        } else if !DefaultJob.mayBeJob(request.specPath) {
            // What is wrong with a file is shown with its lines.
            throw CommandFailure(
                .usage, "the saved plan names '\(request.specPath)', which is no YAML file in this folder",
                hint: "name the job: promptreg run --plan \(path.shellWord) JOB")
        } else if access(request.specPath, F_OK) != 0 {
            throw CommandFailure(
                .invalidInput, "the job '\(request.specPath)' of the saved plan is not here",
                hint: "run it where the plan was made, or name the job: run JOB --plan \(path.shellWord)")
        }
        request.registry = passed.registry ?? request.registry
        self.request = request
        self.saved = saved
        self.passed = passed
        planPath = path
        let inputs = saved.request.inputs
        try check("--target", passed.inputs.target, inputs.target)
        for (name, value) in passed.inputs.variables.sorted(by: { $0.key < $1.key }) {
            try check("--var \(name)", value, inputs.variables[name])
        }
    }

    /// Makes sure that what is passed beside a saved plan is what the plan says.
    private func check(_ flag: String, _ passed: String?, _ planned: String?) throws(CommandFailure) {
        guard let passed, passed != planned else { return }
        let planned = planned.map { "it says '\($0)'" } ?? "it has none"
        throw CommandFailure(
            .usage, "\(flag) is '\(passed)', which is not the saved plan's: \(planned)",
            hint: "leave the flag out, or plan again")
    }

    /// Makes sure that a saved plan leads to no registry that it alone names.
    private func checkRegistry(of job: PreparedJob, _ context: CommandContext) throws(CommandFailure) {
        guard let planPath, let saved else { return }
        guard passed.registry == nil else {
            let planned = try context.address(passed: saved.request.registry)
            if planned.isSame(as: job.address) { return }
            return try check("--registry", job.address.description, planned.description)
        }
        // A job that only the plan names may be of the same hand.
        let mayName = !passed.specPath.isEmpty || DefaultJob.contains(request.specPath)
        let hint = mayName ? nil : "name the job: promptreg run --plan \(planPath.shellWord) JOB"
        try context.checkNamed(job.address, in: planPath, hint: hint) { () throws(CommandFailure) in
            guard mayName, job.whole.registryHasVariables else { return mayName ? job.whole : nil }
            let inputs = JobInputs(
                target: request.inputs.target, variables: passed.inputs.variables,
                environment: context.environment)
            return LoadedJob(path: request.specPath, inputs: inputs, readsTemplates: false).state
        }
    }

    /// The work of a run.
    ///
    /// - Parameters:
    ///   - context: Where findings are printed.
    ///   - isPreview: Whether nothing is carried out: the plan shows prompts that left the job, too.
    /// - Returns: The work.
    func work(_ context: CommandContext, isPreview: Bool) -> BatchWork {
        BatchWork(
            operation: .run, specPath: request.specPath, isStrict: isStrict,
            prepare: { () throws(CommandFailure) in
                let job = try context.job(
                    request.specPath,
                    JobOptions(
                        registry: request.registry, planPath: passed.registry == nil ? planPath : nil,
                        inputs: request.inputs, select: request.select, isStrict: isStrict))
                try checkRegistry(of: job, context)
                return PreparedBatch(.run, job)
            },
            plan: { batch, registry throws(RegistryError) in
                guard let job = batch.job else { throw RegistryError(.failed, "there is no job to plan") }
                let plan = try await plan(
                    job, registry, context.console,
                    // On a server, that would take a run another request.
                    findsOrphans: isPreview || request.prune || job.address.isFolder)
                // Where warnings count, those of the run are the plan's, too.
                tellWhoseTheyWere(plan, isPreview: isPreview && !isStrict, context.console)
                return plan
            },
            check: { registry throws(RegistryError) in try saved?.check(registry: registry.location) })
    }

    /// Warns of prompts that a run takes from another job, and of versions of others that it replaces. A plan shows both
    /// beside each prompt. Aliases of what no job registered are warned of in either case.
    private func tellWhoseTheyWere(_ plan: Plan, isPreview: Bool, _ console: Console) {
        if plan.isRefused { return }
        let moves = plan.aliasesOfNoJob
        if !moves.isEmpty {
            console.warning("set by no job until now, and moved by this run: \(moves.listed(10))")
        }
        if isPreview { return }
        Self.warnOfReplaced(
            plan.prompts.flatMap { prompt in prompt.foreign.map { (prompt.name, $0) } }, console)
        if let words = plan.takenFromNobody { console.note(words) }
        let taken = Dictionary(grouping: plan.prompts.filter { $0.previousJob != nil }) {
            $0.previousJob ?? ""
        }
        for (job, prompts) in taken.sorted(by: { $0.key < $1.key }) {
            console.warning(plan.takeover(of: prompts, from: job), isFault: false)
        }
    }

    /// Warns of versions of others that a run replaces, also where only errors are wanted: nobody else tells of them.
    ///
    /// - Parameters:
    ///   - versions: The versions, with the names of their prompts.
    ///   - console: Where that is said.
    static func warnOfReplaced(_ versions: [(name: String, version: ForeignVersion)], _ console: Console) {
        for isEdited in [false, true] {
            let replaced = versions.filter {
                $0.version.isEdited == isEdited && $0.version.answer != .refuse
            }
            guard !replaced.isEmpty else { continue }
            let names = replaced.map { "\($0.name) v\($0.version.version.number)" }
            console.warning(
                "\(isEdited ? "changed" : "made") elsewhere, and replaced by this run: \(names.listed(10))",
                isUrgent: true, isFault: replaced.contains { $0.version.answer == .warn })
        }
    }

    /// Makes the plan; a saved one has to match it.
    private func plan(
        _ job: PreparedJob, _ registry: any PromptRegistry, _ console: Console, findsOrphans: Bool
    ) async throws(RegistryError) -> Plan {
        let start = ContinuousClock.now
        let planner = Planner(request)
        var plan: Plan
        var orphans = Planner.Orphans.success([])
        if findsOrphans, request.select.isEmpty {
            (plan, orphans) = try await planner.planWithOrphans(
                job.desired, in: registry, keepsContent: request.prune)
        } else {
            plan = try await planner.plan(job.desired, in: registry)
        }
        let known = plan.prompts.count(where: \.exists)
        let milliseconds = (ContinuousClock.now - start).milliseconds
        console.detail("observed \(known) of \(plan.prompts.count) prompts in \(milliseconds) ms")
        for index in plan.prompts.indices {
            do throws(RegistryError) {
                try registry.check(plan.prompts[index].prompt, plan.prompts[index].version)
            } catch {
                plan.prompts[index].problem = error
            }
        }
        do throws(RegistryError) {
            let orphans = try orphans.get()
            plan.orphans = OrphanSearch.report(orphans, of: job.whole)
            if request.prune { plan.prompts += OrphanSearch.prune(orphans, of: job.whole) }
        } catch {
            // The job's own prompts can be planned without them, but not be pruned.
            if request.prune { throw error }
            console.warning("cannot look for prompts that left the job: \(error.message)", isUrgent: isStrict)
        }
        try saved?.check(plan)
        console.report(Self.movesOfNothing(in: job.desired, plan), showsWarnings: isStrict)
        return plan
    }

    /// What to warn of where a prompt is created anew whose old name the registry does not know: it may be mistyped.
    private static func movesOfNothing(in job: DesiredState, _ plan: Plan) -> DiagnosticList {
        let known = Set(plan.prompts.map(\.prompt.name))
        let created = Set(
            plan.prompts.filter { $0.action == .create && $0.movedFrom == nil && $0.problem == nil }
                .map(\.prompt.name))
        var findings = DiagnosticList()
        for prompt in job.prompts {
            guard let old = prompt.movedFrom, let warning = prompt.unknownOldName, !known.contains(old),
                created.contains(prompt.fullName)
            else { continue }
            findings.add(warning)
        }
        return findings
    }
}
