extension StarterPipeline {
    /// What is said of the login, the variable of all steps, and what gives a step its credentials.
    private var jenkinsLogin:
        (note: [Substring], variables: [String], reader: String, writer: String, prefix: String)
    {
        guard isForServer else {
            let note = """
                DATABRICKS_HOST and DATABRICKS_CLIENT_ID are environment variables of Jenkins or the folder: the workspace, and a
                service principal with a federation policy; DATABRICKS_READER_CLIENT_ID is one that can only read, for pull requests.
                The credentials databricks-id-token and databricks-reader-id-token are an "OpenID Connect id token" each of the
                plugin oidc-provider, whose issuer, subject and audience the policies name: there is no secret. A branch may change
                this file, so keep the first one where only \(branch)'s job finds it. See
                https://docs.databricks.com/dev-tools/auth/oauth-federation-policy
                """
            func token(_ id: String) -> String {
                "string(credentialsId: '\(id)', variable: 'DATABRICKS_OIDC_TOKEN')"
            }
            return (
                note.split(separator: "\n"), ["DATABRICKS_AUTH_TYPE = 'env-oidc'"],
                token("databricks-reader-id-token"), token("databricks-id-token"),
                "DATABRICKS_CLIENT_ID=\"$DATABRICKS_READER_CLIENT_ID\" "
            )
        }
        let note = """
            The credentials mlflow-writer and mlflow-reader are a "Username with password" each, of two users of the server. The
            reader can only read and is for pull requests: a branch may change this file, so keep the writer where only \(branch)'s job
            finds it. For a server that takes a token, set MLFLOW_TRACKING_TOKEN from a "Secret text" in their place; for one
            without a login, take withCredentials out.
            """
        func user(_ id: String) -> String {
            "usernamePassword(credentialsId: '\(id)', usernameVariable: 'MLFLOW_TRACKING_USERNAME', "
                + "passwordVariable: 'MLFLOW_TRACKING_PASSWORD')"
        }
        return (note.split(separator: "\n"), [], user("mlflow-reader"), user("mlflow-writer"), "")
    }

    /// A declarative pipeline of Jenkins.
    var jenkins: String {
        let login = jenkinsLogin
        let variables = ["PROMPTREG_TARGET = '\(target)'"] + login.variables
        return """
            // \(Self.mark) jenkins. Validates and plans the prompts of a pull request, and registers them from \(branch), in a
            // Multibranch Pipeline with an agent on Linux that has Python 3, curl and libcurl.
            //
            \(settingsNote(login.note, comment: "// "))
            pipeline {
                agent any
                options {
                    // One run at a time, each to its end.
                    disableConcurrentBuilds()
                    timeout(time: 30, unit: 'MINUTES')
                }
                environment {
                    PROMPTREG_WHEEL = ''
                    PROMPTREG_SHA256 = ''
                    PROMPTREG_JOB = '\(job)'
                    \(Self.lines(variables, indent: 8))
                }
                stages {
                    stage('Install promptreg') {
                        steps {
                            sh '''
                                \(installation(in: "$WORKSPACE_TMP/promptreg", indent: 20))
                            '''
                        }
                    }
                    stage('Validate') {
                        steps {
                            sh '"$WORKSPACE_TMP/promptreg/venv/bin/promptreg" validate "$PROMPTREG_JOB"'
                        }
                    }
                    stage('Plan') {
                        when {
                            // A pull request of a fork gets no credentials.
                            allOf {
                                changeRequest()
                                expression { !env.CHANGE_FORK }
                            }
                        }
                        steps {
                            withCredentials([\(login.reader)]) {
                                sh '\(login.prefix)"$WORKSPACE_TMP/promptreg/venv/bin/promptreg" plan "$PROMPTREG_JOB"'
                            }
                        }
                    }
                    stage('Run') {
                        when {
                            branch '\(branch)'
                        }
                        steps {
                            withCredentials([\(login.writer)]) {
                                sh 'rm -rf reports; "$WORKSPACE_TMP/promptreg/venv/bin/promptreg" run "$PROMPTREG_JOB" \(Self.reports)'
                            }
                        }
                        post {
                            always {
                                junit 'reports/run.xml'
                                archiveArtifacts artifacts: 'reports/*', allowEmptyArchive: true
                            }
                        }
                    }
                }
            }

            """
    }
}
