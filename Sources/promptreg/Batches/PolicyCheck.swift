import Glibc
import Jobs
import Planning
import Prompts
import Support

/// Where a command runs, as far as a job's policy asks.
struct RunOrigin: Hashable, Sendable {
    /// The branch; nil where there is none, such as for a tag or a pull request.
    var branch: String?
    /// The variables of the CI system that would name the branch, where none of them is set though nothing tells of a tag
    /// or a pull request.
    var missing: [String] = []
    /// Whether a file of the job differs from the commit; nil outside of a repository.
    var isDirty: Bool?
    /// Whether it is a CI system.
    var isCI: Bool

    /// Where this program runs.
    ///
    /// - Parameters:
    ///   - environment: The environment variables.
    ///   - checkedOut: The branch that git has checked out; nil for a detached head.
    ///   - remotes: The names of the repository's remotes.
    ///   - isDirty: Whether a file of the job differs from the commit.
    init(environment: [String: String], checkedOut: String?, remotes: [String], isDirty: Bool?) {
        let system = CISystem.here(environment)
        self.isDirty = isDirty
        isCI = system != nil || ["1", "true"].contains(environment["CI", default: ""].lowercased())
        // CI systems check a commit out, so that git does not know the branch; and of a pull request, git may have one
        // that is called like a branch of the repository.
        // Git cannot tell a branch from a tag or a pull request whose commit is the same, or was its tip once.
        branch = system.map { $0.branch(environment, remotes: remotes) } ?? checkedOut
        if let system, system.saysNothing(in: environment) { missing = system.branches }
    }

    /// Why the branch is none that may write.
    var reason: String {
        if let branch { return "the branch is '\(branch)'" }
        if missing.isEmpty { return "this is no branch" }
        let names = missing.joined(separator: " nor ")
        return "\(missing.count == 1 ? "" : "neither ")\(names) is set to say which this is"
            + (missing.contains("GIT_BRANCH")
                ? "; in a pipeline, env.GIT_BRANCH = checkout(scm).GIT_BRANCH sets it" : "")
    }
}

/// A CI system, by what its documentation says of the environment that it gives to jobs.
struct CISystem: Sendable {
    /// The variable that tells that a job runs there.
    let mark: String
    /// The variables that name the branch; the first one that is set counts.
    let branches: [String]
    /// The variables that tell of a pull request or a tag, unless they are `false`: some systems name a branch beside it.
    var others: [String] = []
    /// The one of the variables that has the name of git's remote before the branch.
    var remoteBranch: String?

    /// The systems that are known.
    static let all = [
        // https://docs.github.com/actions/reference/variables-reference: pull_request_target has the base's branch.
        CISystem(mark: "GITHUB_ACTIONS", branches: ["GITHUB_REF"], others: ["GITHUB_HEAD_REF"]),
        // https://docs.gitlab.com/ci/variables/predefined_variables
        CISystem(
            mark: "GITLAB_CI", branches: ["CI_COMMIT_BRANCH"],
            others: ["CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID", "CI_COMMIT_TAG"]),
        // https://learn.microsoft.com/azure/devops/pipelines/build/variables
        CISystem(
            mark: "TF_BUILD", branches: ["BUILD_SOURCEBRANCH"], others: ["SYSTEM_PULLREQUEST_PULLREQUESTID"]),
        // https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
        CISystem(
            mark: "JENKINS_URL", branches: ["BRANCH_NAME", "GIT_BRANCH"],
            others: ["CHANGE_ID", "TAG_NAME", "ghprbPullId"], remoteBranch: "GIT_BRANCH"),
        // https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets
        CISystem(
            mark: "BITBUCKET_BUILD_NUMBER", branches: ["BITBUCKET_BRANCH"],
            others: ["BITBUCKET_PR_ID", "BITBUCKET_TAG"]),
        // https://circleci.com/docs/variables
        CISystem(
            mark: "CIRCLECI", branches: ["CIRCLE_BRANCH"], others: ["CIRCLE_PR_NUMBER", "CIRCLE_TAG"]),
        // https://buildkite.com/docs/pipelines/configure/environment-variables
        CISystem(
            mark: "BUILDKITE", branches: ["BUILDKITE_BRANCH"],
            others: ["BUILDKITE_PULL_REQUEST", "BUILDKITE_TAG"]),
        // https://docs.travis-ci.com/user/environment-variables
        CISystem(
            mark: "TRAVIS", branches: ["TRAVIS_BRANCH"], others: ["TRAVIS_PULL_REQUEST", "TRAVIS_TAG"]),
    ]

    /// The system that an environment tells of; nil where it tells of none.
    static func here(_ environment: [String: String]) -> CISystem? {
        all.first { environment.variable($0.mark) != nil }
    }

    /// Whether no variable tells of a branch, a tag or a pull request.
    func saysNothing(in environment: [String: String]) -> Bool {
        (branches + others).allSatisfy { ["", "false"].contains(environment[$0, default: ""]) }
    }

    /// The branch that a job was started for; nil for a tag or a pull request.
    ///
    /// - Parameters:
    ///   - environment: The environment variables.
    ///   - remotes: The names of the repository's remotes besides `origin`.
    /// - Returns: The branch.
    func branch(_ environment: [String: String], remotes: [String] = []) -> String? {
        if others.contains(where: { !["", "false"].contains(environment[$0, default: ""]) }) { return nil }
        guard let variable = branches.first(where: { !environment[$0, default: ""].isEmpty }),
            let ref = environment[variable]
        else { return nil }
        if ref.hasPrefix("refs/heads/") { return String(ref.dropFirst("refs/heads/".count)) }
        guard variable == remoteBranch else { return ref.hasPrefix("refs/") ? nil : ref }
        return Self.branch(atRemote: ref, remotes)
    }

    /// The branch that git names with its remote; nil for a tag or a pull request that was fetched beside the branches.
    private static func branch(atRemote ref: String, _ remotes: [String]) -> String? {
        let isRemote = ref.hasPrefix("refs/remotes/")
        var name = isRemote ? ref.dropFirst("refs/remotes/".count) : ref[...]
        if name.hasPrefix("refs/") { return nil }
        // The name of a remote may have a slash in it.
        let known = (remotes + ["origin"]).map { $0 + "/" }.filter(name.hasPrefix).max { $0.count < $1.count }
        if let known {
            name = name.dropFirst(known.count)
        } else if isRemote {
            name = name.drop { $0 != "/" }.dropFirst()
        }
        let parts = name.split(separator: "/")
        let isRequest =
            parts.count > 1 && ["pr", "pull", "merge-requests"].contains(parts[0])
            && parts[1].allSatisfy(\.isNumber)
        return name.isEmpty || isRequest || parts.first == "tags" ? nil : String(name)
    }
}

extension DesiredState {
    /// All policies that count: the target's, and those of other targets that the registry in use belongs to.
    var policies: [(target: String?, policy: Policy)] {
        [(nil, policy)] + policiesOfOthers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// What is demanded of a command and is not so, in words, by any of the policies.
    ///
    /// - Parameters:
    ///   - operation: The command.
    ///   - origin: Where it runs.
    /// - Returns: What is wrong; empty where nothing is.
    func violations(_ operation: Operation, from origin: RunOrigin) -> [String] {
        policies.flatMap { target, policy in
            var found = policy.violations(operation, from: origin)
            guard let target else { return found }
            if operation == .run {
                let set = Set(prompts.flatMap(\.aliases)).intersection(policy.protectedAliases)
                found += set.sorted().map { "'\($0)' is protected, so no run may set it" }
            }
            return found.map { "for the registry of target \(target), \($0)" }
        }
    }
}

extension Policy {
    /// Whether anything is demanded of a command.
    func demandsAnything(of operation: Operation) -> Bool {
        needsCI || !branches.isEmpty || needsCleanFiles && operation == .run
    }

    /// What is demanded of a command and is not so, in words.
    ///
    /// - Parameters:
    ///   - operation: The command. Only `run` has to do with the job's files.
    ///   - origin: Where it runs.
    /// - Returns: What is wrong; empty where nothing is.
    func violations(_ operation: Operation, from origin: RunOrigin) -> [String] {
        var found: [String] = []
        if needsCleanFiles, operation == .run, origin.isDirty != false {
            found.append(
                origin.isDirty == nil
                    ? "the job's files have to be committed, and git knows no commit of them"
                    : "the job's files have to be committed, and some differ from the commit: commit or stash the changes"
            )
        }
        if !branches.isEmpty, !branches.contains(where: { fnmatch($0, origin.branch ?? "", 0) == 0 }) {
            found.append("the branch has to be \(branches.joined(separator: " or ")), and \(origin.reason)")
        }
        if needsCI, !origin.isCI { found.append("a CI system has to run it, and this is none") }
        return found
    }
}
