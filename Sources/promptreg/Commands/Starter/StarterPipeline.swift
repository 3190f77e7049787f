/// The pipeline of a CI system that checks a job on pull requests and runs it on the main branch.
struct StarterPipeline {
    /// The CI systems.
    enum System: String, CaseIterable, Sendable {
        case github
        case gitlab
        case azure
        case jenkins
    }

    /// The job that it runs.
    let runnable: RunnableJob
    /// The branch whose prompts are registered.
    let branch: String
    /// The spec's path in the repository.
    var job: String { runnable.path }
    /// The target of the job; empty where it has none.
    var target: String { runnable.target }

    /// Whether it logs in to an MLflow server, and not to a workspace of Databricks.
    var isForServer: Bool { runnable.server != nil }

    /// What the file says of the logins of an MLflow server, without the signs of comments.
    static let serverNote = """
        MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD are those of a user of the server who writes,
        MLFLOW_READER_USERNAME and MLFLOW_READER_PASSWORD those of one who can only read, for pull requests, which may change
        this file. For a server that takes a token, set MLFLOW_TRACKING_TOKEN in their place; for one without a login, take the
        lines out that name them.
        """.split(separator: "\n")

    /// The variables that log a step in to an MLflow server.
    ///
    /// - Parameters:
    ///   - user: What follows `MLFLOW_` in the names of the variables that are set for the user.
    ///   - value: What stands for the value of a variable.
    /// - Returns: The lines.
    static func serverLogin(as user: String, _ value: (String) -> String) -> [String] {
        ["USERNAME", "PASSWORD"].map { "MLFLOW_TRACKING_\($0): " + value("MLFLOW_\(user)_\($0)") }
    }

    /// Lines of a file, each but the first after so many blanks.
    static func lines(_ lines: [some StringProtocol], indent: Int, comment: String = "") -> String {
        lines.map { comment + $0 }.joined(separator: "\n" + String(repeating: " ", count: indent))
    }

    /// The pipeline as text.
    func text(for system: System) -> String {
        switch system {
        case .github: github
        case .gitlab: gitlab
        case .azure: azure
        case .jenkins: jenkins
        }
    }

    /// Where a system looks for the file, and where it goes in a repository that has one already.
    static func paths(for system: System) -> (usual: String, other: String) {
        switch system {
        // GitHub takes all workflows that there are.
        case .github: (".github/workflows/promptreg.yml", ".github/workflows/promptreg.yml")
        case .gitlab: (".gitlab-ci.yml", ".gitlab/promptreg.gitlab-ci.yml")
        case .azure: ("azure-pipelines.yml", "azure-pipelines/promptreg.yml")
        case .jenkins: ("Jenkinsfile", "jenkins/promptreg.Jenkinsfile")
        }
    }

    /// How a system is told of the file where it does not look for it.
    static func note(on path: String, for system: System) -> String? {
        switch system {
        case .github: nil
        case .gitlab: "To use it, add to .gitlab-ci.yml: include: [{local: \(path)}]"
        case .azure: "To use it, make a pipeline of the existing file /\(path) in Azure DevOps"
        case .jenkins: "To use it, make a Multibranch Pipeline with the Script Path \(path)"
        }
    }

    /// The first line of each file, by which `init` knows its own.
    static let mark = "Made by promptreg init --ci"

    /// What the file says of its settings, as comments.
    ///
    /// - Parameters:
    ///   - login: What it says of the login.
    ///   - comment: The sign of comments.
    /// - Returns: The lines.
    func settingsNote(_ login: [Substring], comment: String) -> String {
        let wheel: [Substring] = [
            "PROMPTREG_WHEEL and PROMPTREG_SHA256 below: a release's wheel, an https address or a path here, and its checksum."
        ]
        let target: [Substring] = [
            "PROMPTREG_TARGET below: a target of the job on a server, such as prod: {registry: databricks-uc}. It has none yet."
        ]
        return Self.lines(
            wheel + (runnable.needsTarget ? target : []) + login, indent: 0, comment: comment)
    }

    /// The shell commands that install the program, indented.
    ///
    /// - Parameters:
    ///   - folder: Where to, as the shell reads it: outside of the files that were checked out.
    ///   - indent: The blanks before each line but the first.
    /// - Returns: The lines, without the last newline.
    func installation(in folder: String, indent: Int) -> String {
        // The wheel needs no other package, so that pip asks no index.
        let target = runnable.needsTarget ? [": \"${PROMPTREG_TARGET:?name the target in this file}\""] : []
        let lines =
            ["set -e"] + target + [
                "tools=\"\(folder)\"",
                "mkdir -p \"$tools\"",
                "wheel=\"$tools/$(basename \"${PROMPTREG_WHEEL:?name the wheel in this file}\")\"",
                "case \"$PROMPTREG_WHEEL\" in",
                "https://*)",
                "  curl --fail --silent --show-error --location --proto '=https' --retry 3 --max-time 300 \\",
                "    --output \"$wheel\" \"$PROMPTREG_WHEEL\" ;;",
                "*) cp \"$PROMPTREG_WHEEL\" \"$wheel\" ;;",
                "esac",
                "echo \"$PROMPTREG_SHA256  $wheel\" | sha256sum -c -",
                // Isolated, since Python would take modules from the folder that was checked out; anew, since the folder may
                // outlive a build.
                "python3 -I -m venv --clear \"$tools/venv\"",
                "\"$tools/venv/bin/python\" -I -m pip install --quiet --no-index --no-deps \"$wheel\"",
            ]
        return Self.lines(lines, indent: indent)
    }

    /// The flags that write the reports of a run.
    static let reports = "--report reports/run.xml --report reports/run.json --report reports/run.md"
}
