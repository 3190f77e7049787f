import Diagnostics

/// The first line of a report on a terminal.
enum JobHeader {
    /// The line, without its newline.
    ///
    /// - Parameters:
    ///   - job: The job's name.
    ///   - registry: Where the registry is.
    ///   - target: The target in use.
    ///   - style: Colours it.
    /// - Returns: Such as `health_monitor → file:/srv/mlruns  (target local)`.
    static func line(job: String, registry: String, target: String?, _ style: ANSIStyle) -> String {
        let target = target.map { style("  (target \($0.escapedForTerminal))", .dim) } ?? ""
        return style(job.escapedForTerminal, .bold) + " → " + registry.escapedForTerminal + target
    }
}
