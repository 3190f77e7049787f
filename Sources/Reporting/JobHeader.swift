import Support
import Execution
import Planning
import Prompts

/// The first line of a report on a terminal.
enum JobHeader {
    /// The line, such as `health_monitor → file:/srv/mlruns  (target local)`.
    static func line(title: String, registry: RegistryLocation, target: String?, _ style: TextStyle) -> String
    {
        let target = target.map { style("  (target \($0.escapedForTerminal))", .dim) } ?? ""
        return style(title.escapedForTerminal, .bold) + " → " + registry.description.escapedForTerminal
            + target
    }
}

extension Operation {
    /// The title of a report: the job's name, after the command if that is not to run it.
    func title(job: String?) -> String {
        guard let job else { return rawValue }
        return self == .run ? job : "\(rawValue) \(job)"
    }
}

extension RunReport {
    /// The title of the report.
    var title: String { command.title(job: job) }
}
