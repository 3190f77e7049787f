import ArgumentParsing
import Execution
import Support

/// The commit that a run is of, for where there is no git.
enum RevisionOptions {
    /// The variables that stand for the flags.
    static let variables = ["PROMPTREG_COMMIT", "PROMPTREG_BRANCH", "PROMPTREG_REPOSITORY"]

    static let commit = Option(
        Flag(
            "commit", value: .text("ID"), help: "The commit that the files are of",
            defaultText: "git's, else the CI system's", environment: variables[0]), \Revision.commit,
        read: readCommit)
    static let branch = Option(
        Flag(
            "branch", value: .text("NAME"), help: "The branch that the files are of",
            defaultText: "the CI system's", environment: variables[1]), \Revision.branch
    ) { $0.isEmpty ? nil : $0 }
    static let repository = Option(
        Flag(
            "repository", value: .text("URL"),
            help: "The repository, whose page of the commit reports link to",
            defaultText: "the CI system's", environment: variables[2]), \Revision.repository,
        read: readRepository)

    /// The flags.
    static func group<Settings>(_ batch: Option<Settings>.Setting<BatchOptions>) -> OptionGroup<Settings> {
        OptionGroup(
            "Provenance flags", [commit, branch, repository].at(\BatchOptions.revision).at(batch))
    }

    /// Reads a commit. A bundle outside of git passes an empty one.
    static func readCommit(_ text: String) throws(ArgumentProblem) -> String? {
        if text.isEmpty { return nil }
        guard Revision.isCommit(text) else {
            throw ArgumentProblem("it is not the id of a commit, 7 to 64 hexadecimal digits")
        }
        return text.lowercased()
    }

    /// Reads the address of a repository, without the name and the password in it.
    static func readRepository(_ text: String) throws(ArgumentProblem) -> String? {
        if text.isEmpty { return nil }
        guard let page = Revision.page(of: text) else {
            throw ArgumentProblem("it is not the address of a repository, such as https://HOST/PATH")
        }
        return page
    }
}

extension Revision {
    /// What the command line says, else the variables of the same names.
    ///
    /// - Parameter environment: The environment variables.
    /// - Returns: The revision.
    /// - Throws: `CommandFailure` where a variable cannot be what it is for.
    func stated(in environment: [String: String]) throws(CommandFailure) -> Revision {
        let variables = RevisionOptions.variables
        let value = { (index: Int) in environment[variables[index], default: ""] }
        var revision = self
        var index = 0
        do throws(ArgumentProblem) {
            if commit == nil { revision.commit = try RevisionOptions.readCommit(value(0)) }
            index = 2
            if repository == nil { revision.repository = try RevisionOptions.readRepository(value(2)) }
        } catch {
            throw CommandFailure(.usage, "\(variables[index]) cannot be used: \(error.reason)")
        }
        if branch == nil, !value(1).isEmpty { revision.branch = value(1) }
        return revision
    }

    /// What a CI system says of the commit that it checked out.
    ///
    /// - Parameter environment: The environment variables.
    init(ofSystemIn environment: [String: String]) {
        let first = { (names: [String]) in names.lazy.compactMap(environment.variable).first }
        self.init()
        commit = first(Self.commitVariables).flatMap { Self.isCommit($0) ? $0.lowercased() : nil }
        branch = CISystem.here(environment)?.branch(environment)
        if let server = first(["GITHUB_SERVER_URL"]), let name = first(["GITHUB_REPOSITORY"]) {
            repository = Self.page(of: "\(server)/\(name)")
        } else {
            repository = first(Self.repositoryVariables).flatMap(Self.page(of:))
        }
    }

    /// Of GitHub, GitLab, Azure DevOps, Jenkins, Bitbucket, CircleCI and Buildkite, as their documentation has them.
    private static let commitVariables = [
        "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT", "BITBUCKET_COMMIT",
        "CIRCLE_SHA1", "BUILDKITE_COMMIT",
    ]
    private static let repositoryVariables = [
        "CI_PROJECT_URL", "BUILD_REPOSITORY_URI", "GIT_URL", "BITBUCKET_GIT_HTTP_ORIGIN",
        "CIRCLE_REPOSITORY_URL", "BUILDKITE_REPO",
    ]
}
