import Support
import Execution
import Planning
import Prompts

/// The first line of a report on a terminal.
enum JobHeader {
    /// The line, without its newline.
    ///
    /// - Parameters:
    ///   - title: The job's name, or what is done without one.
    ///   - registry: Where the registry is.
    ///   - target: The target in use.
    ///   - style: Colours it.
    /// - Returns: Such as `health_monitor → file:/srv/mlruns  (target local)`.
    static func line(title: String, registry: RegistryLocation, target: String?, _ style: ANSIStyle) -> String
    {
        let target = target.map { style("  (target \($0.escapedForTerminal))", .dim) } ?? ""
        return style(title.escapedForTerminal, .bold) + " → " + registry.description.escapedForTerminal
            + target
    }
}

extension Operation {
    /// What heads a report of something that is done without a job.
    func title(job: String?) -> String {
        switch self {
        case .run: job ?? rawValue
        case .promote, .rollback, .copy: job.map { "\(rawValue) \($0)" } ?? rawValue
        }
    }
}

extension RunReport {
    /// The job's name, with what was done to it where that is not to run it.
    var title: String { command.title(job: job) }
}
