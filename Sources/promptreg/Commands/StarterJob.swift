import Support
import YAML

/// The texts of a job that promptreg makes.
enum StarterJob {
    /// What comes before the folder of the templates and the prompts.
    ///
    /// - Parameters:
    ///   - name: The job's name.
    ///   - description: What it is for; nil leaves it out.
    /// - Returns: The lines.
    static func head(_ name: String, description: String? = nil) -> String {
        let description = description.map { "\ndescription: \($0)" } ?? ""
        // YAML may read a word as a number, a boolean or null.
        let name = JSONValue.string(name).flowYAML
        return """
            version: 1
            job: \(name)\(description)

            variables:
              catalog: {default: main}
              schema: {default: \(name)}

            catalog: ${var.catalog}
            schema: ${var.schema}
            # A run moves staging; promptreg promote moves production.
            aliases: [staging]

            """
    }

    /// What comes after the prompts.
    static let tail = """

        targets:
          local: {default: true, registry: "file:../mlruns"}
          server: {registry: "http://localhost:5000"}
          prod: {registry: databricks-uc}

        """

    /// The folder of the local target's registry.
    static let registryFolder = "mlruns"

    /// A job with two prompts.
    static func spec(_ name: String) -> String {
        head(name, description: "Registers the agent's prompts before its model is logged.") + """
            prompts_dir: ../prompts

            prompts:
              answer:
                file: answer.md
                variables: [question, context]
                description: Answers a question from the context that was retrieved for it.
              summarize:
                file: summarize.md
                variables: [text]
                description: Summarizes a text.

            """ + tail
    }

    /// The files of the two prompts.
    static let prompts = [
        (
            "prompts/answer.md",
            """
            You answer questions from the context below and from nothing else.

            Question: {{question}}

            Context:
            {{context}}

            If the context does not hold the answer, say so and name what is missing.

            """
        ),
        (
            "prompts/summarize.md",
            """
            Summarize the text below in at most five sentences. Keep names, numbers and dates as they are.

            {{text}}

            """
        ),
    ]
}
