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
        case .json: json.document
        case .github: GitHubAnnotations.render(findings)
        case .gitlab: codeQuality.document
        case .azure: findings.sorted.map(Self.loggingCommand).joined()
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

// MARK: - Azure

extension ValidationReport {
    /// https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands#logissue-log-an-error-or-warning
    private static func loggingCommand(_ finding: Diagnostic) -> String {
        let message = finding.message + (finding.help.map { " (help: \($0))" } ?? "")
        // Azure has no notes.
        if finding.severity == .note {
            return "note: \(message.escapedForTerminal)\n".replacing("##", with: "#\\u{23}")
        }
        var properties = [("type", finding.severity.rawValue)]
        if let place = finding.location {
            properties += [
                ("sourcepath", place.file), ("linenumber", String(place.line)),
                ("columnnumber", String(max(1, place.column))),
            ]
        }
        properties.append(("code", finding.code.rawValue))
        let list = properties.map { "\($0)=\(escaped($1, isProperty: true))" }.joined(separator: ";")
        return "##vso[task.logissue \(list)]\(escaped(message, isProperty: false))\n"
    }

    /// A text as Azure's agent reads it back (`CommandStringConvertor` of azure-pipelines-agent), with visible control
    /// characters.
    private static func escaped(_ text: String, isProperty: Bool) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%AZP25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ";" where isProperty: result += "%3B"
            case "]" where isProperty: result += "%5D"
            default: result += String(scalar).escapedForTerminal
            }
        }
    }
}
