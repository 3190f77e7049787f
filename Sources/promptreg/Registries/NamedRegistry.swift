import HTTP
import Jobs
import MLflowServer
import Prompts
import Support

extension CommandContext {
    /// Refuses a registry that only a saved plan, a report or a lock file names. Anybody may have changed that file, and
    /// credentials would be sent where it says, or those of the profile that it names.
    ///
    /// - Parameters:
    ///   - address: The registry.
    ///   - file: The file that names it.
    ///   - hint: What to do instead; nil: to pass `--registry`.
    ///   - job: Finds the job, which may name it, too; nil where there is none.
    /// - Throws: `CommandFailure`.
    func checkNamed(
        _ address: RegistryAddress, in file: String, hint: String? = nil,
        by job: () throws(CommandFailure) -> DesiredState?
    ) throws(CommandFailure) {
        guard takesCredentials(address) else { return }
        let job = try job()
        for job in [job, nil] {
            // An address that cannot be read names no registry.
            let choice = try? RegistryChoice(passed: nil, job: job, environment: environment)
            if choice?.address == address { return }
        }
        throw CommandFailure(
            .usage,
            "'\(file)' names the registry \(address.description), and neither a job nor the environment does",
            hint: hint ?? "if it is the right one, pass --registry \(address.description.shellWord)")
    }

    /// Whether credentials of this environment would be sent to a registry.
    private func takesCredentials(_ address: RegistryAddress) -> Bool {
        switch address {
        case .file: return false
        case .server(let text):
            guard let url = try? HTTPURL(text) else { return false }
            // Several may share a machine, and anybody may listen there.
            return !url.isLoopback
                || (try? MLflowSettings(environment: environment))?.secrets.isEmpty == false
        case .unityCatalog: return true
        }
    }

    /// The job in `jobs/` that a report is of, as it is for the report's target; nil where there is none.
    func job(named name: String?, target: String?) -> DesiredState? {
        DefaultJob.all.lazy.compactMap { path in
            let inputs = JobInputs(target: target, environment: environment)
            return LoadedJob(path: path, inputs: inputs, readsTemplates: false).state
        }.first { $0.job == name }
    }
}

extension RegistryAddress {
    /// Whether the environment decides which workspace it is.
    var isWorkspaceOfEnvironment: Bool { self == .unityCatalog(profile: nil) }
}
