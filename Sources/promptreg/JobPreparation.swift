import Diagnostics
import FoundationEssentials
import Glibc
import JobSpec
import PromptRegistry
import Reporting

/// A job that is fit to be planned: read, checked, its prompts selected and its registry known.
struct PreparedJob {
    /// What the job wants, of the selected prompts.
    let desired: DesiredState
    /// Where to register.
    let address: RegistryAddress
}

/// Everything local: reads and checks a job before any registry is asked.
struct JobPreparation {
    let console: Console
    let environment: [String: String]

    /// Reads a job and reports what is wrong with it.
    ///
    /// - Parameters:
    ///   - path: The spec's path.
    ///   - inputs: What is passed to the job.
    ///   - select: The names and patterns of the prompts to take; empty takes all.
    ///   - registry: The registry's address that was passed.
    /// - Returns: The job.
    /// - Throws: `ExitCode`, after the reason was reported.
    func prepare(
        path: String, inputs: JobInputs, select: [String], registry: String?
    ) throws(ExitCode) -> PreparedJob {
        let job = LoadedJob(path: path, inputs: inputs)
        report(job.diagnostics)
        guard var desired = job.state else { throw ExitCode.invalidInput }
        desired.prompts = try selected(select, of: desired.prompts)
        return PreparedJob(desired: desired, address: try address(of: desired, passed: registry))
    }

    /// Prints findings, and annotates them where GitHub shows the files.
    func report(_ list: DiagnosticList) {
        var shown = list
        if console.isQuiet { shown = list.withoutWarnings }
        console.writeError(
            DiagnosticRenderer(color: console.colorsErrors).render(shown).withoutWorkflowCommands)
        if environment["GITHUB_ACTIONS"] == "true" {
            console.writeError(GitHubAnnotations.render(inWorkspace(shown)))
        }
    }

    /// The findings with their files as GitHub names them: relative to the workspace.
    private func inWorkspace(_ list: DiagnosticList) -> DiagnosticList {
        guard let workspace = environment["GITHUB_WORKSPACE"], !workspace.isEmpty else { return list }
        let prefix = workspace + "/"
        var moved = DiagnosticList()
        for var diagnostic in list.sorted {
            if let file = diagnostic.location?.file {
                let whole = URL(filePath: file).standardizedFileURL.path
                if whole.hasPrefix(prefix) {
                    diagnostic.location?.file = String(whole.dropFirst(prefix.count))
                }
            }
            moved.add(diagnostic)
        }
        return moved
    }

    private func selected(
        _ patterns: [String], of prompts: [DesiredPrompt]
    ) throws(ExitCode) -> [DesiredPrompt] {
        guard !patterns.isEmpty else { return prompts }
        for pattern in patterns where !prompts.contains(where: { fnmatch(pattern, $0.name, 0) == 0 }) {
            let near = nearestName(to: pattern, in: prompts.map(\.name))
            console.error(
                "--select '\(pattern)' matches no prompt of the job",
                hint: near.map { "did you mean '\($0)'?" }
                    ?? "its prompts are \(prompts.prefix(20).map(\.name).joined(separator: ", "))")
            throw ExitCode.usage
        }
        return prompts.filter { prompt in patterns.contains { fnmatch($0, prompt.name, 0) == 0 } }
    }

    /// The registry: the flag's, the target's or job's, the environment's, else the embedded default.
    private func address(
        of desired: DesiredState, passed: String?
    ) throws(ExitCode) -> RegistryAddress {
        let folder = ProcessEnvironment.currentFolder
        // Resolved, so that '..' in the address means what it means to the file system.
        let specFolder = URL(filePath: desired.specFolder.isEmpty ? "." : desired.specFolder)
            .resolvingSymlinksInPath().path
        let fromEnvironment = ["MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
        do {
            if let passed { return try RegistryAddress(passed, relativeTo: folder) }
            if let named = desired.registry { return try RegistryAddress(named, relativeTo: specFolder) }
            return try RegistryAddress(fromEnvironment ?? "file:mlruns", relativeTo: folder)
        } catch {
            console.error(error.message, hint: error.hint)
            throw ExitCode.usage
        }
    }
}
