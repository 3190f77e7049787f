package import Diagnostics
import Support

/// Jobs that claim one prompt of one registry: it belongs to one of them only, by the job's name.
package struct RivalJobs: Sendable {
    /// A prompt of two jobs.
    private struct Claim {
        let prompt: DesiredPrompt
        /// The spec that claims it, and the one that does so before it.
        let job: DesiredState
        let first: (job: DesiredState, prompt: DesiredPrompt)

        /// Whether one of them says that it takes the prompt over.
        var isAdopted: Bool { prompt.isAdopted || first.prompt.isAdopted }
    }

    private var claims: [Claim] = []

    /// Finds the prompts that several jobs claim.
    ///
    /// - Parameters:
    ///   - jobs: The jobs. Those of one name are one job.
    ///   - registry: Where a job registers; nil where that is not known.
    package init(_ jobs: [DesiredState], registry: (DesiredState) -> String?) {
        var known: [String: (job: DesiredState, prompt: DesiredPrompt)] = [:]
        for job in jobs {
            guard let registry = registry(job) else { continue }
            for prompt in job.prompts {
                // Registries on disk may not tell names apart that differ in case.
                let key = "\(registry)\n\(prompt.fullName.lowercased())"
                guard let first = known[key] else {
                    known[key] = (job, prompt)
                    continue
                }
                if first.job.job != job.job { claims.append(Claim(prompt: prompt, job: job, first: first)) }
            }
        }
    }

    /// The specs that claim a prompt of each other.
    package var paths: Set<String> { Set(claims.flatMap { [$0.job.specPath, $0.first.job.specPath] }) }

    /// Those of them of which none adopts it.
    package var refusedPaths: Set<String> {
        Set(claims.filter { !$0.isAdopted }.flatMap { [$0.job.specPath, $0.first.job.specPath] })
    }

    /// What is wrong with that.
    ///
    /// - Parameter sources: The texts of the specs, by path.
    /// - Returns: An error for each prompt, or a warning where one of the jobs adopts it.
    package func findings(in sources: [String: String]) -> [Diagnostic] {
        claims.map { claim in
            let (job, prompt, first) = (claim.job, claim.prompt, claim.first)
            let place = "\(first.job.specPath):\(first.prompt.specLine)"
            let message = "'\(prompt.fullName)' is a prompt of the job '\(first.job.job)', too: \(place)"
            let lines = (sources[job.specPath] ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            let line = prompt.specLine <= lines.count ? lines[prompt.specLine - 1] : ""
            let column = line.prefix { $0 == " " }.count + 1
            let location = SourceLocation(file: job.specPath, line: prompt.specLine, column: column)
            let length = line.dropFirst(column - 1).hasPrefix(prompt.name) ? prompt.name.scalarCount : 1
            if claim.isAdopted {
                return .warning(
                    .twoJobs, message, at: location, length: length,
                    help:
                        "each run of the job that adopts it takes it from the other; leave it in one of them")
            }
            return .error(
                .twoJobs, message, at: location, length: length,
                help: "leave it in one of them, or say adopt: true in the one that is to take it over")
        }
    }
}

extension Diagnostic.Code {
    static let twoJobs = Self(rawValue: "two-jobs")
}
