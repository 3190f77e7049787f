import Diagnostics
import Execution
import Reporting

/// The workspace of a CI system that shows findings on the lines of its files.
struct AnnotatedWorkspace: Sendable {
    /// The CI systems that do.
    enum System: Sendable {
        case github
        case azure
    }

    let system: System
    /// The folder that its files are relative to; empty where it is not known.
    let folder: String

    /// The workspace that the environment tells of; nil where there is none.
    init?(_ environment: [String: String]) {
        if environment["GITHUB_ACTIONS"] == "true" {
            system = .github
            folder = environment["GITHUB_WORKSPACE", default: ""]
        } else if environment["TF_BUILD"]?.lowercased() == "true" {
            system = .azure
            folder = environment["BUILD_SOURCESDIRECTORY", default: ""]
        } else {
            return nil
        }
    }

    /// Commands to the system that show findings, which are printed as text, too.
    func annotations(_ findings: DiagnosticList) -> String {
        let findings = Console.findings(findings, in: folder)
        switch system {
        case .github: return GitHubAnnotations.render(findings)
        // It would only print the notes again.
        case .azure: return AzureAnnotations.render(findings.filter { $0.severity != .note })
        }
    }

    /// Commands to the system that show what failed of a run.
    func annotations(_ report: RunReport, specPath: String?) -> String {
        switch system {
        case .github: GitHubAnnotations.render(report, specPath: specPath)
        case .azure: AzureAnnotations.render(report, specPath: specPath)
        }
    }
}
