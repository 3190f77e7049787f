extension StarterPipeline {
    /// What is said of the login, and the lines that it is made of.
    private var azureLogin: (note: [Substring], variables: [String], plan: [String], run: [String]) {
        guard isForServer else {
            let note = """
                DATABRICKS_HOST and DATABRICKS_CLIENT_ID are variables of the pipeline: the workspace, and a service principal
                with a federation policy for the subject p://ORGANIZATION/PROJECT/PIPELINE. That names no branch, and a pull request
                may change this file: make two pipelines of it, one for pull requests with a principal that can only read, and one
                for \(branch) whose principal writes, which only those may queue who may write. There is no secret; see
                https://docs.databricks.com/dev-tools/auth/provider-azure-devops
                """
            let token = ["SYSTEM_ACCESSTOKEN: $(System.AccessToken)"]
            return (
                note.split(separator: "\n"), ["DATABRICKS_AUTH_TYPE: azure-devops-oidc"], token, token
            )
        }
        let note = """
            They are variables of the pipeline, the passwords secret ones. A pull request may change this file and read them: make
            two pipelines of it, one for pull requests that has the reader's alone, and one for \(branch) that has the writer's,
            whose triggers leave pull requests out, and which only those may queue who may write.
            """
        let variable = { (name: String) in "$(\(name))" }
        return (
            Self.serverNote + note.split(separator: "\n"), [],
            Self.serverLogin(as: "READER", variable), Self.serverLogin(as: "TRACKING", variable)
        )
    }

    /// A pipeline of Azure DevOps. Findings, failures and the summary are shown by the program itself.
    var azure: String {
        let login = azureLogin
        let variables = ["PROMPTREG_TARGET: \"\(target)\""] + login.variables
        return """
            # \(Self.mark) azure. Validates and plans the prompts of a pull request, and registers them from \(branch).
            #
            \(settingsNote(login.note, comment: "# "))
            # Give the environment promptreg the check "Exclusive lock", so that one run at a time registers. For pull requests
            # in Azure Repos, name this pipeline in a build validation policy of \(branch).
            trigger:
              branches:
                include: [\(branch)]

            pr:
              branches:
                include: ["*"]

            pool:
              vmImage: ubuntu-latest

            variables:
              PROMPTREG_WHEEL: ""
              PROMPTREG_SHA256: ""
              PROMPTREG_JOB: "\(job)"
              \(Self.lines(variables, indent: 2))

            stages:
              - stage: check
                jobs:
                  - job: promptreg
                    steps:
                      - bash: |
                          \(installation(in: "$AGENT_TEMPDIRECTORY/promptreg", indent: 14))
                          echo "##vso[task.prependpath]$tools/venv/bin"
                        displayName: Install promptreg
                      - bash: promptreg validate "$PROMPTREG_JOB"
                        displayName: Validate
                      - bash: promptreg plan "$PROMPTREG_JOB"
                        displayName: Plan
                        # A pull request of a fork gets no credentials.
                        condition: >-
                          and(succeeded(), eq(variables['Build.Reason'], 'PullRequest'),
                          ne(variables['System.PullRequest.IsFork'], 'True'))
                        env:
                          \(Self.lines(login.plan, indent: 14))

              - stage: run
                condition: and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/\(branch)'))
                # Every run waits for the one before it.
                lockBehavior: sequential
                jobs:
                  - deployment: promptreg
                    environment: promptreg
                    strategy:
                      runOnce:
                        deploy:
                          steps:
                            - checkout: self
                            - bash: |
                                \(installation(in: "$AGENT_TEMPDIRECTORY/promptreg", indent: 20))
                                echo "##vso[task.prependpath]$tools/venv/bin"
                              displayName: Install promptreg
                            - bash: promptreg run "$PROMPTREG_JOB" \(Self.reports)
                              displayName: Run
                              env:
                                \(Self.lines(login.run, indent: 20))
                            - task: PublishTestResults@2
                              condition: succeededOrFailed()
                              inputs:
                                testResultsFormat: JUnit
                                testResultsFiles: reports/run.xml
                                testRunTitle: promptreg
                            - publish: reports
                              artifact: promptreg
                              condition: succeededOrFailed()

            """
    }
}
