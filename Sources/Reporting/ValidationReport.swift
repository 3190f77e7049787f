package import Diagnostics
import Prompts
import Support

/// What was found when jobs were checked, in the forms of CI systems.
package struct ValidationReport: Sendable {
    /// A job that was checked.
    package struct Job: Hashable, Sendable {
        /// The spec's path, as the user wrote it.
        package var path: String
        /// How many prompts it has; nil when it has errors.
        package var prompts: Int?

        /// A job that was checked.
        package init(path: String, prompts: Int?) {
            self.path = path
            self.prompts = prompts
        }
    }

    /// The form of a report.
    package enum Format: String, CaseIterable, Sendable {
        /// One JSON object, for programs.
        case json
        /// Workflow commands of GitHub Actions.
        case github
        /// GitLab's Code Quality report.
        case gitlab
        /// Logging commands of Azure Pipelines.
        case azure
    }

    /// The jobs, in the order in which they were named.
    package var jobs: [Job]
    /// The findings, with their files as the CI system names them.
    package var findings: DiagnosticList

    /// A report.
    package init(jobs: [Job], findings: DiagnosticList) {
        self.jobs = jobs
        self.findings = findings
    }

    /// The report as text, each line ended by a newline.
    package func render(_ format: Format) -> String {
        switch format {
        case .json: json.document.withoutWorkflowCommandsInJSON
        case .github: GitHubAnnotations.render(findings)
        case .gitlab: codeQuality.document.withoutWorkflowCommandsInJSON
        case .azure: AzureAnnotations.render(findings)
        }
    }

    private var json: JSONValue {
        JSONValue([
            "schema_version": 1,
            "jobs": jobs.map {
                JSONValue(["path": $0.path, "ok": $0.prompts != nil, "prompts": $0.prompts])
            },
            "summary": JSONValue([
                "errors": findings.count(.error), "warnings": findings.count(.warning),
                "notes": findings.count(.note),
            ]),
            "findings": findings.sorted.map { finding in
                JSONValue([
                    "severity": finding.severity.rawValue, "code": finding.code.rawValue,
                    "message": finding.message, "help": finding.help, "file": finding.location?.file,
                    "line": finding.location?.line, "column": finding.location?.column,
                    "length": finding.location.map { _ in finding.length },
                ])
            },
        ])
    }
}

// MARK: - GitLab

extension ValidationReport {
    /// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    private var codeQuality: JSONValue {
        var seen: [String: Int] = [:]
        return .array(
            findings.sorted.map { finding in
                // GitLab tells findings apart by this, also where lines above them changed.
                let key = [finding.location?.file, finding.code.rawValue, finding.message]
                let digest = ShortDigest.of(key)
                let number = seen[digest, default: 0]
                seen[digest] = number + 1
                return JSONValue([
                    "description": finding.message + (finding.help.map { " (\($0))" } ?? ""),
                    "check_name": finding.code.rawValue,
                    "fingerprint": ShortDigest.of(key + [String(number)]),
                    "severity": Self.codeQualitySeverity(finding.severity),
                    "location": JSONValue([
                        "path": finding.location?.file ?? jobs.first?.path ?? "",
                        "lines": JSONValue(["begin": max(1, finding.location?.line ?? 1)]),
                    ]),
                ])
            })
    }

    private static func codeQualitySeverity(_ severity: Diagnostic.Severity) -> String {
        switch severity {
        case .error: "major"
        case .warning: "minor"
        case .note: "info"
        }
    }
}
