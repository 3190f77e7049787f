import FileRegistry
import FoundationEssentials
import Jobs
import Prompts

/// Which registry is worked on, and who named it.
struct RegistryChoice {
    /// Where an address comes from.
    enum Origin: Hashable {
        /// The flag.
        case flag
        /// The job, or its target.
        case job(target: String?)
        /// An environment variable.
        case variable(String)
        /// Nobody: it is the embedded one.
        case none
    }

    /// Where the registry is.
    let address: RegistryAddress
    /// Who says so.
    let origin: Origin

    /// Takes what the flag says, the target or job, the environment, else the embedded default.
    ///
    /// - Parameters:
    ///   - passed: The address that was passed.
    ///   - job: The job, where there is one.
    ///   - environment: The environment variables.
    /// - Throws: `RegistryError` with `.invalidAddress`.
    init(passed: String?, job: DesiredState?, environment: [String: String]) throws(RegistryError) {
        var folder = ProcessEnvironment.currentFolder
        let text: String
        if let passed {
            (text, origin) = (passed, .flag)
        } else if let job, let named = job.registry {
            (text, origin) = (named, .job(target: job.target))
            // Resolved, so that '..' in the address means what it means to the file system.
            folder =
                URL(filePath: job.specFolder.isEmpty ? "." : job.specFolder).resolvingSymlinksInPath().path
        } else {
            let variables = ["MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI"]
            let variable = variables.first { environment[$0]?.isEmpty == false }
            text = variable.flatMap { environment[$0] } ?? "file:mlruns"
            origin = variable.map { .variable($0) } ?? .none
        }
        do throws(RegistryError) {
            address = try RegistryAddress(text, relativeTo: folder) { path in
                (try? FileRegistryInspection(path: path))?.exists == true
            }
        } catch {
            var error = error
            if case .variable(let name) = origin { error.message += " (from \(name))" }
            throw error
        }
    }
}
