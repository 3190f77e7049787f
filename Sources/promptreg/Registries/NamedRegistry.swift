import HTTP
import Jobs
import Prompts
import Support

extension CommandContext {
    /// Refuses a registry that only a saved plan or a report names. Anybody may have changed that file, and credentials
    /// would be sent where it says.
    ///
    /// - Parameters:
    ///   - address: The registry.
    ///   - file: The file that names it.
    ///   - job: Finds the job, which may name it, too; nil where there is none.
    /// - Throws: `CommandFailure`.
    func checkNamed(
        _ address: RegistryAddress, in file: String, by job: () throws(CommandFailure) -> DesiredState?
    ) throws(CommandFailure) {
        // Nobody else gets what is sent to this machine, and other kinds of address name no host.
        guard case .server(let text) = address, let url = try? HTTPURL(text), !url.isLoopback else { return }
        let job = try job()
        for job in [job, nil] {
            // An address that cannot be read names no registry.
            let choice = try? RegistryChoice(passed: nil, job: job, environment: environment)
            if choice?.address == address { return }
        }
        throw CommandFailure(
            .usage,
            "'\(file)' names the registry \(address.description), and neither a job nor the environment does",
            hint: "if it is the right one, pass --registry \(address.description.shellWord)")
    }

    /// The job in `jobs/` that a report is of, as it is for the report's target; nil where there is none.
    func job(named name: String?, target: String?) -> DesiredState? {
        DefaultJob.all.lazy.compactMap { path in
            let inputs = JobInputs(target: target, environment: environment)
            return LoadedJob(path: path, inputs: inputs, readsTemplates: false).state
        }.first { $0.job == name }
    }
}
