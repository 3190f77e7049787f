import Testing

@testable import promptreg

@Suite struct CISystemTests {
    /// What Jenkins' git plugin says has the name of the remote before the branch.
    @Test(arguments: [
        ("main", "main"), ("origin/main", "main"), ("upstream/main", "main"), ("team/fork/main", "main"),
        ("refs/heads/origin/main", "origin/main"), ("refs/remotes/origin/release/1", "release/1"),
        ("refs/remotes/unknown/main", "main"), ("unknown/main", "unknown/main"), ("refs/tags/main", nil),
        ("refs/pull/7/merge", nil), ("origin/pr/7/merge", nil), ("refs/remotes/origin/pull/7/head", nil),
        ("origin/tags/main", nil), ("refs/remotes/main", nil), ("origin/pr/main", "pr/main"),
    ])
    func aRemoteIsNoPartOfABranch(ref: String, branch: String?) {
        let environment = ["JENKINS_URL": "https://ci.example", "GIT_BRANCH": ref]
        let found = CISystem.here(environment)?.branch(environment, remotes: ["upstream", "team/fork"])
        #expect(found == branch)
    }

    /// A branch may be called like one of a remote.
    @Test(arguments: [
        ["GITLAB_CI": "true", "CI_COMMIT_BRANCH": "origin/main"],
        ["JENKINS_URL": "https://ci.example", "BRANCH_NAME": "origin/main", "GIT_BRANCH": "main"],
    ])
    func otherVariablesNameNoRemote(environment: [String: String]) {
        #expect(CISystem.here(environment)?.branch(environment) == "origin/main")
    }
}
