extension StarterPipeline {
    /// What is said of the login, and the lines that it is made of.
    private var githubLogin:
        (note: [Substring], permissions: [String], job: [String], plan: [String], run: [String])
    {
        guard isForServer else {
            let note = """
                DATABRICKS_HOST, DATABRICKS_READER_CLIENT_ID and DATABRICKS_CLIENT_ID are variables of the repository: the workspace,
                and two service principals, each with a federation policy for one subject. The reader, which can only read, has
                repo:OWNER/NAME:pull_request, as a pull request may change this file; the writer has
                repo:OWNER/NAME:ref:refs/heads/\(branch). There is no secret; see
                https://docs.databricks.com/dev-tools/auth/provider-github
                """
            return (
                note.split(separator: "\n"), ["id-token: write"],
                ["DATABRICKS_AUTH_TYPE: github-oidc", "DATABRICKS_HOST: ${{ vars.DATABRICKS_HOST }}"],
                ["DATABRICKS_CLIENT_ID: ${{ vars.DATABRICKS_READER_CLIENT_ID }}"],
                ["DATABRICKS_CLIENT_ID: ${{ vars.DATABRICKS_CLIENT_ID }}"]
            )
        }
        let secret = { (name: String) in "${{ secrets.\(name) }}" }
        let note = """
            The reader's are secrets of the repository, which a workflow of any branch can read. The writer's are secrets of the
            environment promptreg alone, whose deployment branches and tags are limited to \(branch).
            """
        return (
            Self.serverNote + note.split(separator: "\n"), [], [],
            Self.serverLogin(as: "READER", secret), Self.serverLogin(as: "TRACKING", secret)
        )
    }

    /// The settings of a job and its first steps, up to the program's installation.
    private func jobHead(_ settings: [String]) -> String {
        let text = """
            runs-on: ubuntu-latest
            timeout-minutes: 30
            env:
              PROMPTREG_WHEEL: ""
              PROMPTREG_SHA256: ""
              PROMPTREG_JOB: "\(job)"
              \(Self.lines(["PROMPTREG_TARGET: \"\(target)\""] + settings, indent: 2))
            steps:
              - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
                with:
                  persist-credentials: false
              - name: Install promptreg
                run: |
                  \(installation(in: "$RUNNER_TEMP/promptreg", indent: 6))
                  echo "$tools/venv/bin" >>"$GITHUB_PATH"
            """
        return Self.lines(text.split(separator: "\n"), indent: 4)
    }

    /// A workflow of GitHub Actions. Findings, failures and the step's summary are shown by the program itself.
    var github: String {
        let login = githubLogin
        // The writer's secrets are those of an environment, which only a job can have.
        let writer = [
            "", "", "  promptreg-run:", "    if: github.event_name == 'push'", "    needs: promptreg",
            "    environment: promptreg", "    " + jobHead(login.job),
        ]
        return """
            # \(Self.mark) github. Validates and plans the prompts of a pull request, and registers them from \(branch).
            #
            \(settingsNote(login.note, comment: "# "))
            name: promptreg

            on:
              pull_request:
              push:
                branches: [\(branch)]

            # One run at a time, each to its end; of a pull request only the newest plan counts.
            concurrency:
              group: promptreg-${{ github.ref }}
              cancel-in-progress: ${{ github.event_name == 'pull_request' }}

            permissions:
              \(Self.lines(["contents: read"] + login.permissions, indent: 2))

            jobs:
              promptreg:
                \(jobHead(login.job))
                  - name: Validate
                    run: promptreg validate "$PROMPTREG_JOB"
                  - name: Plan
                    # A pull request of a fork gets no credentials.
                    if: github.event.pull_request.head.repo.full_name == github.repository
                    env:
                      \(Self.lines(login.plan, indent: 10))
                    run: promptreg plan "$PROMPTREG_JOB"\(isForServer ? Self.lines(writer, indent: 0) : "")
                  - name: Run
                    if: github.event_name == 'push'
                    env:
                      \(Self.lines(login.run, indent: 10))
                    run: promptreg run "$PROMPTREG_JOB" \(Self.reports)
                  - name: Keep the reports
                    if: always() && github.event_name == 'push'
                    uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0
                    with:
                      name: promptreg
                      path: reports/

            """
    }
}
