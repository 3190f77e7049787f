/// A Databricks bundle whose setup job registers a job's prompts before the agent's model is logged.
struct StarterBundle {
    /// The job that it runs.
    let job: RunnableJob

    /// The files of the bundle, and what one that is there already has to have in it.
    var files: [(path: String, text: String, needs: [String])] {
        [
            ("databricks.yml", configuration, ["resources/", "setup_principal", "agent_principal"]),
            ("resources/agent_setup_job.yml", resources, [job.path]), ("src/log_agent_model.py", script, []),
        ]
    }

    private var configuration: String {
        """
        # The bundle of \(job.name): databricks bundle deploy, then databricks bundle run agent_setup.
        # The workspace is the one of DATABRICKS_HOST or --profile, until workspace.host names one for a target.
        bundle:
          name: "\(job.name)"

        include:
          - resources/*.yml

        variables:
          catalog:
            description: The catalog of the prompts
            default: "\(job.schema.catalog)"
          schema:
            description: The schema of the prompts; a development copy has one of its own
            default: "\(job.schema.name)"
          setup_principal:
            description: Who deploys the bundle, and so runs the setup job and registers prompts, a user's name or a service principal's application id
            default: ${workspace.current_user.userName}
          agent_principal:
            description: Who runs the agent and loads prompts

        targets:
          dev:
            mode: development
            default: true
            variables:
              agent_principal: ${workspace.current_user.userName}
          prod:
            # --var agent_principal=NAME or BUNDLE_VAR_agent_principal says who it is here.
            mode: production
            workspace:
              root_path: /Workspace/Users/${workspace.current_user.userName}/.bundle/${bundle.name}/${bundle.target}

        """
    }

    /// The parameters that tell the program which prompts to register where, in a list of YAML.
    private var place: String {
        let named = job.isGoverned ? "--target, \"\(job.target)\"" : "--registry, databricks-uc"
        return "\"${workspace.file_path}/\(job.path)\", \(named),\n"
            + "              --catalog, \"${var.catalog}\", --schema, \"${resources.schemas.prompts.name}\""
    }

    private var resources: String {
        """
        # The agent's setup: checks the workspace, registers the prompts, and then logs the agent's model.
        resources:
          schemas:
            # A schema that exists already: databricks bundle deployment bind prompts CATALOG.SCHEMA
            prompts:
              catalog_name: ${var.catalog}
              name: ${var.schema}
              comment: The agent's prompts
              # USE CATALOG is granted on the catalog; the doctor task says where it is missing.
              grants:
                - principal: ${var.agent_principal}
                  privileges: [USE_SCHEMA, EXECUTE]
                # The last, as both may be the same one.
                - principal: ${var.setup_principal}
                  privileges: [USE_SCHEMA, CREATE_FUNCTION, EXECUTE, MANAGE]

          jobs:
            agent_setup:
              name: agent_setup
              max_concurrent_runs: 1
              tasks:
                - task_key: doctor
                  environment_key: promptreg
                  python_wheel_task:
                    package_name: promptreg_cli
                    entry_point: task
                    parameters: [doctor, \(place)]

                - task_key: register_prompts
                  depends_on:
                    - task_key: doctor
                  environment_key: promptreg
                  python_wheel_task:
                    package_name: promptreg_cli
                    entry_point: task
                    # Of the job only catalog and schema differ between the targets of the bundle. Its files come without
                    # git, which the bundle knows.
                    parameters: [run, \(place),
                      --commit, "${bundle.git.commit}", --branch, "${bundle.git.branch}", --repository, "${bundle.git.origin_url}"]

                - task_key: log_agent_model
                  depends_on:
                    - task_key: register_prompts
                  environment_key: agent
                  spark_python_task:
                    python_file: ../src/log_agent_model.py
                    parameters: ["${var.catalog}", "${resources.schemas.prompts.name}"]

              environments:
                - environment_key: promptreg
                  spec:
                    environment_version: "4"
                    # The wheel of a release; it may be in a volume, too: /Volumes/CATALOG/SCHEMA/VOLUME/promptreg_cli-….whl
                    dependencies: [../dist/promptreg_cli-*.whl]
                - environment_key: agent
                  spec:
                    environment_version: "4"
                    dependencies: ["mlflow[databricks]>=3.4"]

              # On classic compute this goes in place of environments …
              # job_clusters:
              #   - job_cluster_key: setup
              #     new_cluster:
              #       spark_version: 16.4.x-scala2.12
              #       node_type_id: i3.xlarge # of AWS; Azure has Standard_DS3_v2, say
              #       num_workers: 1
              #       data_security_mode: SINGLE_USER
              # … and this in place of each environment_key:
              # job_cluster_key: setup
              # libraries:
              #   - whl: ../dist/promptreg_cli-*.whl
              #   - pypi: {package: "mlflow[databricks]>=3.4"}

        """
    }

    private var script: String {
        #"""
        """Logs the agent's model once its prompts are registered: the last task of the job agent_setup."""

        import sys

        import mlflow

        catalog, schema = sys.argv[1:]
        mlflow.set_registry_uri("databricks-uc")
        for prompt in mlflow.genai.search_prompts(f"catalog = '{catalog}' AND schema = '{schema}'"):
            print(prompt.name)
        # Log the agent here, such as with mlflow.pyfunc.log_model(name="agent", python_model="agent.py").

        """#
    }
}
