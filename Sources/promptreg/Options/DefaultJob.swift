import FoundationEssentials
import Glibc
import Jobs
import Planning
import Prompts
import Support

/// The job that is meant where the command line names none: the only one in `jobs/`.
enum DefaultJob {
    private static let folder = JobSpecs.usualFolder
    /// How many jobs are named at most where there are several.
    private static let listed = 10

    /// Finds the job.
    ///
    /// - Parameter console: Told which job it is.
    /// - Returns: The path of its spec.
    /// - Throws: `CommandFailure` where there is none, or more than one.
    static func path(_ console: Console) throws(CommandFailure) -> String {
        guard let only else { throw missing("the argument JOB is missing") }
        console.note("the job is \(only), the only one in \(folder)/")
        return only
    }

    /// The failure of a command line that names no job where one is needed.
    static func missing(_ problem: String) -> CommandFailure {
        CommandFailure(.usage, problem, hint: list ?? "name a job; promptreg init makes one")
    }

    /// The failure of a command line that names a prompt, or a job without its file; nil for what may be a file's path.
    static func misnamed(_ path: String) -> CommandFailure? {
        guard !path.contains("/"), !JobSpecs.isNamed(path),
            !FileManager.default.fileExists(atPath: path)
        else { return nil }
        let shown = "a prompt is shown by promptreg show \(path.shellWord)"
        return CommandFailure(
            .invalidInput, "there is no file '\(path)', and a job is named by its file",
            hint: JobSpecs.near(path).isEmpty
                ? [list, shown].compactMap(\.self).joined(separator: "; ") : JobSpecs.hint(for: path))
    }

    /// The only job in `jobs/`; nil where there is none, or more than one.
    static var only: String? {
        let jobs = all
        return jobs.count == 1 ? jobs[0] : nil
    }

    /// Names the jobs in `jobs/`; nil where there are none.
    static var list: String? {
        let jobs = all
        if jobs.isEmpty { return nil }
        return "the jobs here are " + jobs.prefix(listed).joined(separator: ", ")
            + (jobs.count > listed ? " …" : "")
    }

    /// Whether a path that only an artifact names may be a job's: that of a YAML file in the current folder or below, links
    /// and `..` resolved, or of none.
    static func mayBeJob(_ path: String) -> Bool {
        guard access(path, F_OK) == 0 else { return true }
        guard let path = TextFile.resolved(path), let here = TextFile.resolved(".") else { return false }
        return path.hasPrefix(here == "/" ? here : here + "/") && JobSpecs.isNamed(path)
    }

    /// Whether a file lies in `jobs/` of the current folder, links and `..` resolved.
    static func contains(_ path: String) -> Bool {
        guard let path = TextFile.resolved(path), let name = path.split(separator: "/").last,
            let here = TextFile.resolved(".")
        else { return false }
        return path == "\(here == "/" ? "" : here)/\(folder)/\(name)"
    }

    /// The paths of the jobs in `jobs/`.
    static var all: [String] { JobSpecs.paths(in: folder) }

    /// The paths of the jobs in the folder of one.
    static func beside(_ path: String) -> [String] {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/")
        return JobSpecs.paths(in: path.contains("/") ? (folder.isEmpty ? "/" : folder) : "")
    }
}

extension CommandContext {
    /// The only job in `jobs/` with the policies that count in a registry: those of its targets which are there.
    ///
    /// - Parameter address: The registry.
    /// - Returns: The job; nil where there is no such job, or none of its targets is there.
    func onlyJob(at address: RegistryAddress) -> DesiredState? {
        guard let path = DefaultJob.only,
            var job = LoadedJob(
                path: path, inputs: JobInputs(environment: environment), readsTemplates: false
            ).state
        else { return nil }
        job.policiesOfOthers = OtherTargets(of: job, environment: environment).policies(at: address)
        let own = try? RegistryChoice(passed: nil, job: job, environment: [:])
        if own?.address.isSame(as: address) != true {
            (job.policy.needsCI, job.policy.branches) = (false, [])
        }
        guard job.policies.contains(where: { $0.policy.demandsAnything(of: .copy) }) else { return nil }
        console.note("the policy of \(path) counts, the only job in jobs/")
        return job
    }
}
