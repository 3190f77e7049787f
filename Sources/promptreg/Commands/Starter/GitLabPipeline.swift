extension StarterPipeline {
    /// What is said of the login, and the lines that it is made of.
    private var gitlabLogin: (note: [Substring], job: [String], reader: String) {
        guard isForServer else {
            let note = """
                DATABRICKS_HOST, DATABRICKS_READER_CLIENT_ID, DATABRICKS_CLIENT_ID and DATABRICKS_ACCOUNT_ID are CI/CD variables of
                the project: the workspace, two service principals, and the account's id, which is the audience of their federation
                policies. The writer has the subject project_path:GROUP/NAME:ref_type:branch:ref:\(branch); the reader, which can only
                read, that of each branch which may plan, as a merge request may change this file. There is no secret; see
                https://docs.databricks.com/dev-tools/auth/provider-gitlab
                """
            let job = [
                "id_tokens:", "  DATABRICKS_ID_TOKEN:", "    aud: $DATABRICKS_ACCOUNT_ID", "variables:",
                "  DATABRICKS_AUTH_TYPE: env-oidc", "  DATABRICKS_OIDC_TOKEN_ENV: DATABRICKS_ID_TOKEN",
            ]
            return (
                note.split(separator: "\n"), job, "DATABRICKS_CLIENT_ID=\"$DATABRICKS_READER_CLIENT_ID\""
            )
        }
        let note =
            Self.serverNote + ["They are masked CI/CD variables of the project, the writer's protected ones."]
        let reader = ["USERNAME", "PASSWORD"].map { "MLFLOW_TRACKING_\($0)=\"$MLFLOW_READER_\($0)\"" }
        return (note, [], reader.joined(separator: " "))
    }

    /// A pipeline of GitLab, whose merge requests show findings as Code Quality and the run as tests.
    var gitlab: String {
        let login = gitlabLogin
        let registry = ["extends: .promptreg", "needs: [promptreg-validate]"] + login.job
        return """
            # \(Self.mark) gitlab. Validates and plans the prompts of a merge request, and registers them from the
            # default branch.
            #
            \(settingsNote(login.note, comment: "# "))

            .promptreg:
              image: python:3.13
              variables:
                PROMPTREG_WHEEL: ""
                PROMPTREG_SHA256: ""
                PROMPTREG_JOB: "\(job)"
                PROMPTREG_TARGET: "\(target)"
              before_script:
                - |
                  \(installation(in: "/tmp/promptreg", indent: 6))
                  export PATH="$tools/venv/bin:$PATH"

            .promptreg-registry:
              \(Self.lines(registry, indent: 2))

            promptreg-validate:
              extends: .promptreg
              rules:
                - if: $CI_PIPELINE_SOURCE == "merge_request_event"
                - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
              script:
                - promptreg validate --format gitlab "$PROMPTREG_JOB" >gl-code-quality-report.json
              artifacts:
                when: always
                reports:
                  codequality: gl-code-quality-report.json

            promptreg-plan:
              extends: .promptreg-registry
              rules:
                # A merge request of a fork gets no credentials.
                - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID
              script:
                - \(login.reader) promptreg plan "$PROMPTREG_JOB" --report reports/plan.html
              artifacts:
                when: always
                expose_as: promptreg plan
                paths: [reports/plan.html]

            promptreg-run:
              extends: .promptreg-registry
              rules:
                - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
              # One run at a time, each to its end; in order once the API sets the group's process_mode to oldest_first.
              resource_group: promptreg
              interruptible: false
              script:
                - promptreg run "$PROMPTREG_JOB" \(Self.reports)
              artifacts:
                when: always
                paths: [reports]
                reports:
                  junit: reports/run.xml

            """
    }
}
