import Diagnostics
import FoundationEssentials
import Glibc
import Jobs
import Prompts
import Reporting
import Support

/// A job that is fit to be planned: read, checked, its prompts selected and its registry known.
struct PreparedJob {
    /// What the job wants, of the selected prompts.
    let desired: DesiredState
    /// What the job wants, of all its prompts.
    let whole: DesiredState
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
        let whole = desired
        if !select.isEmpty {
            let names = Set(try selected(select, of: desired.prompts.map(\.name)))
            desired.prompts.removeAll { !names.contains($0.name) }
        }
        return PreparedJob(
            desired: desired, whole: whole, address: try address(of: desired, passed: registry))
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

    /// Those names that patterns match, all of them when there are no patterns.
    ///
    /// - Parameters:
    ///   - patterns: Names, in which `*` and `?` match any characters.
    ///   - names: The names of the prompts.
    ///   - place: Where they are from, for the message.
    /// - Returns: The selected ones, in their order.
    /// - Throws: `ExitCode` for a pattern that matches none, after that was reported.
    func selected(
        _ patterns: [String], of names: [String], in place: String = "the job"
    ) throws(ExitCode) -> [String] {
        guard !patterns.isEmpty else { return names }
        for pattern in patterns where !names.contains(where: { fnmatch(pattern, $0, 0) == 0 }) {
            let near = nearestName(to: pattern, in: names)
            console.error(
                "--select '\(pattern)' matches no prompt of \(place)",
                hint: near.map { "did you mean '\($0)'?" }
                    ?? "its prompts are \(names.prefix(20).joined(separator: ", "))")
            throw ExitCode.usage
        }
        return names.filter { name in patterns.contains { fnmatch($0, name, 0) == 0 } }
    }

    /// The registry: the flag's, the target's or job's, the environment's, else the embedded default.
    ///
    /// - Parameters:
    ///   - job: The job; nil for a command without one.
    ///   - passed: The address that was passed.
    /// - Returns: The address.
    /// - Throws: `ExitCode`, after the reason was reported.
    func address(of job: DesiredState?, passed: String?) throws(ExitCode) -> RegistryAddress {
        do {
            return try RegistryAddress(passed: passed, job: job, environment: environment)
        } catch {
            console.error(error.message, hint: error.hint)
            throw ExitCode.usage
        }
    }
}
