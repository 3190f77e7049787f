extension StarterPipeline {
    /// A declarative pipeline of Jenkins.
    var jenkins: String {
        """
        // \(Self.mark) jenkins. Validates and plans the prompts of a pull request, and registers them from main, in a
        // Multibranch Pipeline with an agent on Linux that has Python 3, curl and libcurl.
        //
        // PROMPTREG_WHEEL and PROMPTREG_SHA256 below: \(Self.wheelNote).
        // DATABRICKS_HOST and DATABRICKS_CLIENT_ID are environment variables of Jenkins or the folder: the workspace, and a
        // service principal with a federation policy; DATABRICKS_READER_CLIENT_ID is one that can only read, for pull requests.
        // The credentials databricks-id-token and databricks-reader-id-token are an "OpenID Connect id token" each of the
        // plugin oidc-provider, whose issuer, subject and audience the policies name: there is no secret. A branch may change
        // this file, so keep the first one where only main's job finds it. See
        // https://docs.databricks.com/dev-tools/auth/oauth-federation-policy
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
                PROMPTREG_TARGET = '\(target)'
                DATABRICKS_AUTH_TYPE = 'env-oidc'
            }
            stages {
                stage('Install promptreg') {
                    steps {
                        sh '''
                            \(Self.installation(in: "$WORKSPACE_TMP/promptreg", indent: 20))
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
                        withCredentials([string(credentialsId: 'databricks-reader-id-token', variable: 'DATABRICKS_OIDC_TOKEN')]) {
                            sh 'DATABRICKS_CLIENT_ID="$DATABRICKS_READER_CLIENT_ID" "$WORKSPACE_TMP/promptreg/venv/bin/promptreg" plan "$PROMPTREG_JOB"'
                        }
                    }
                }
                stage('Run') {
                    when {
                        branch 'main'
                    }
                    steps {
                        withCredentials([string(credentialsId: 'databricks-id-token', variable: 'DATABRICKS_OIDC_TOKEN')]) {
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
