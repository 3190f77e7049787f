import ArgumentParsing
import Jobs

extension Program {
    /// promptreg's commands, flags and exit codes.
    static let promptreg = Program(
        name: "promptreg", version: toolVersion,
        summary: "Register the prompts of an agent from files in git",
        discussion: [
            "Reads a job spec and a folder of prompt templates, registers each template that changed as a new "
                + "version of CATALOG.SCHEMA.prompt_NAME, moves aliases such as production once every version "
                + "is there, and reports what it did."
        ],
        commands: Tool.commands.map { $0.listed },
        exitCodes: ExitCode.allCases.map { Entry(String($0.rawValue), $0.meaning) },
        environment: [
            Entry("MLFLOW_REGISTRY_URI", "The registry when neither a flag nor the job names one"),
            Entry("MLFLOW_TRACKING_URI", "The same, after MLFLOW_REGISTRY_URI"),
            Entry("MLFLOW_TRACKING_TOKEN", "The bearer token for an MLflow server"),
            Entry("MLFLOW_TRACKING_USERNAME", "The user name for a server with basic authentication"),
            Entry("MLFLOW_TRACKING_PASSWORD", "The password for a server with basic authentication"),
            Entry("MLFLOW_TRACKING_SERVER_CERT_PATH", "The certificate authorities for an MLflow server"),
            Entry("MLFLOW_TRACKING_AWS_SIGV4", "When true, requests are signed with the keys of AWS"),
            Entry("MLFLOW_WORKSPACE", "The workspace of an MLflow server that has several"),
            Entry("DATABRICKS_HOST", "The Databricks workspace, https://HOST"),
            Entry("DATABRICKS_TOKEN", "Its token; the other variables of the Databricks SDK are honored too"),
            Entry("DATABRICKS_CONFIG_PROFILE", "The profile, when the registry names none"),
            Entry("DATABRICKS_AUTH_TYPE", "How to authenticate, such as databricks-cli or azure-cli"),
            Entry("MLFLOW_EXPERIMENT_NAME", "The experiment of traces; MLFLOW_EXPERIMENT_ID comes first"),
            Entry("OPENAI_BASE_URL", "The endpoint of models, for call"),
            Entry("OPENAI_API_KEY", "Its key"),
            Entry("SSL_CERT_FILE", "The certificate authorities for every server"),
            Entry("HTTPS_PROXY", "The proxy; HTTP_PROXY, ALL_PROXY and NO_PROXY are honored too"),
            Entry(JobInputs.targetVariable, "The target of the job when no flag names one"),
            Entry("PROMPTREG_VAR_NAME", "The value of the job's variable NAME"),
            Entry("PROMPTREG_COMMIT", "The commit of the files, where there is no git"),
            Entry("PROMPTREG_BRANCH", "Their branch"),
            Entry("PROMPTREG_REPOSITORY", "The address of their repository"),
            Entry("PROMPTREG_LOCK", "The lock file of an agent that loads prompts with PromptClient"),
            Entry("GITHUB_STEP_SUMMARY", "A file that the report is appended to as Markdown"),
            Entry("GITHUB_ACTIONS", "When true, failures are annotated on their lines"),
            Entry("TF_BUILD", "When True, Azure Pipelines lists failures and shows the report"),
            Entry("NO_COLOR", "When set, no colours are used"),
        ],
        files: [
            Entry("~/.databrickscfg", "Profiles of Databricks workspaces"),
            Entry("~/.mlflow/credentials", "The name and the password for an MLflow server"),
            Entry("~/.aws/credentials", "Profiles with keys of AWS; their regions are in ~/.aws/config"),
        ])
}
