import Diagnostics
import Jobs
import Prompts
import Views

extension ListCommand {
    /// What is listed where only prompts are wanted that no job names: those of the job's schemas, or of the ones that
    /// are named.
    func unmanaged(
        _ context: CommandContext
    ) throws(CommandFailure) -> (PromptListing.Scope, RegistryAddress) {
        let path = specPath ?? view.job.path
        var options = view.job
        options.path = path
        if path != nil { (options.inputs.catalog, options.inputs.schema) = (query.catalog, query.schema) }
        let place = try context.place(options, isTold: path == nil)
        var queries = [Self.query(query, in: place)]
        var known: Set<String> = []
        if path != nil, let job = place.job {
            queries = Set(job.prompts.map { QualifiedName($0.fullName).schema }).map {
                PromptQuery(catalog: $0?.catalog, schema: $0?.name)
            }
            known.formUnion(job.prompts.map { $0.fullName.lowercased() })
        }
        for query in queries { try Self.check(query, for: place.address) }
        for path in Set(DefaultJob.all + (path.map(DefaultJob.beside) ?? [])).sorted() {
            known.formUnion(names(of: path, context).map { $0.lowercased() })
        }
        return (.unmanaged(queries, known: known), place.address)
    }

    /// The full names of a job's prompts on each of its targets; a job that cannot be read is warned of.
    private func names(of path: String, _ context: CommandContext) -> [String] {
        var inputs = view.job.inputs
        (inputs.catalog, inputs.schema, inputs.target) = (nil, nil, nil)
        inputs.environment = context.environment
        let job = LoadedJob(path: path, inputs: inputs, readsTemplates: false)
        guard let state = job.state else {
            context.console.warning("\(path) cannot be read, so that its prompts are listed, too")
            return []
        }
        return state.prompts.map(\.fullName)
            + state.targets.flatMap { target in
                inputs.target = target
                let job = LoadedJob(path: path, inputs: inputs, readsTemplates: false)
                return job.state?.prompts.map(\.fullName) ?? []
            }
    }
}
