import FoundationEssentials

/// The job that is meant where the command line names none: the only one in `jobs/`.
enum DefaultJob {
    private static let folder = "jobs"
    /// How many jobs are named at most where there are several.
    private static let listed = 10

    /// Finds the job.
    ///
    /// - Parameter console: Told which job it is.
    /// - Returns: The path of its spec.
    /// - Throws: `CommandFailure` where there is none, or more than one.
    static func path(_ console: Console) throws(CommandFailure) -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let jobs = names.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) }
            .sorted().map { "\(folder)/\($0)" }
        guard let only = jobs.first, jobs.count == 1 else {
            let some = jobs.prefix(listed).joined(separator: ", ") + (jobs.count > listed ? " …" : "")
            throw CommandFailure(
                .usage, "the argument JOB is missing",
                hint: jobs.isEmpty ? "name a job; promptreg init makes one" : "the jobs here are \(some)")
        }
        console.note("the job is \(only), the only one in \(folder)/")
        return only
    }
}
