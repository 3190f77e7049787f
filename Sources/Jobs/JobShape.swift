import Prompts

/// The keys of a job spec: the one place that knows them.
enum JobShape {
    /// The whole spec.
    static let job = ObjectShape(
        what: "a job spec",
        fields: [
            Field("version", .constant(1), "The version of this format: 1.", isRequired: true),
            Field("job", .pattern(.jobName), "The job's name.", isRequired: true),
            Field("description", .text, "What the job is for."),
            Field(
                "variables", .map(key: .variableName, value: .object(variable)),
                "Values that differ between runs, used as ${var.NAME}."),
            Field("registry", .pattern(.registry), registryText),
            Field("catalog", .pattern(.catalogPart), "The catalog of the prompts' names."),
            Field("schema", .pattern(.catalogPart), "The schema of the prompts' names."),
            Field("name_prefix", .pattern(.namePrefix), "What precedes each name; prompt_ by default."),
            Field("aliases", .list(.pattern(.alias)), "The aliases set on what the job registers."),
            Field("protected", .list(.pattern(.alias)), protectedText),
            Field("require", .object(requirement), requirementText),
            Field("gates", .list(.pattern(.gate)), gatesText),
            Field(
                "prompts_dir", .text,
                "The folder of the templates, relative to this file; this file's own by default."),
            Field("syntax", .choice(syntaxes), "How the templates write variables; mustache by default."),
            Field("front_matter", .choice(frontMatterModes), frontMatterText),
            Field(
                "on_error", .choice(OnError.allCases.map(\.rawValue)),
                "hold (default): one failure moves no alias; continue: every prompt for itself."),
            Field("on_foreign", .choice(foreignChoices), foreignText),
            Field(
                "adopt", .boolean, "Whether prompts that another job registered, or none, become this job's."),
            Field(
                "moved", .map(key: .promptName, value: .pattern(.promptName)),
                "The old names of prompts, each with the name that it has by now."),
            Field("experiment", .oneOrList(.identifier), experimentText),
            Field(
                "provenance", .boolean,
                "Whether new versions get tags that name job, source and commit; true by default."),
            bom, skipEmpty, warnings,
            Field(
                "prompts",
                .patternMap(key: .promptKey, value: .object(prompt), patternValue: .object(promptPattern)),
                "The prompts by name, and settings of the files that a pattern such as workers/* matches; "
                    + "left out, every template file of prompts_dir and below."),
            Field(
                "exclude", .list(.text), "Patterns of files and folders in prompts_dir that are no prompts."),
            Field("name_separator", .pattern(.separator), separatorText),
            Field(
                "max_depth", .number(NumberRange(isWhole: true, minimum: 0)),
                "How many folders below each other are looked into; 0 for prompts_dir alone."),
            Field("targets", .map(key: .targetName, value: .object(target)), "Named environments."),
        ])

    /// One entry of `prompts`.
    static let prompt = ObjectShape(
        what: "a prompt",
        fields: [
            Field("file", .text, "The template's file, relative to prompts_dir.", isRequired: true),
            Field(
                "key", .keyPath,
                "Where the prompt is in a YAML or JSON file: agents.planner.system, or a list."),
            Field(
                "variables", .list(.text), "The variables that the template must use, no more and no less."),
            Field("description", .text, "What the prompt is for."),
            Field("tags", .map(key: .tagKey, value: .scalarText), "Tags, set on the prompt and its version."),
            Field("aliases", .list(.pattern(.alias)), "This prompt's own aliases, in place of the job's."),
            Field(
                "adopt", .boolean,
                "Whether the prompt becomes this job's, if another job registered it, or none."),
            Field(
                "gates", .list(.pattern(.gate)),
                "What has to be so before this prompt is promoted, besides the job's gates."),
            Field("syntax", .choice(syntaxes), "How this template writes variables."),
            Field(
                "newlines", .choice(Newlines.allCases.map(\.rawValue)),
                "lf (default): CRLF of the file becomes LF; keep: its line ends stay as they are."),
            Field("front_matter", .choice(frontMatterModes), "What happens to this file's front matter."),
            bom, skipEmpty, warnings,
            Field("model_config", .object(modelConfig), "The model's settings that belong to the prompt."),
            Field(
                "tools", .pathOrObjects,
                "The functions that the model may call, kept in model_config, or the path of a JSON or YAML file."
            ),
            Field(
                "response_format", .pathOrObject,
                "The answer's shape as a JSON Schema, or the path of a JSON file relative to prompts_dir."),
        ])

    /// What an entry of `prompts` that is a pattern says of the files that match.
    static let promptPattern = ObjectShape(
        what: "a pattern of files", fields: prompt.fields.filter { !["file", "key"].contains($0.key) })

    /// One entry of `targets`.
    static let target = ObjectShape(
        what: "a target",
        fields: [
            Field("default", .boolean, "Whether this target is used when none is named."),
            Field("registry", .pattern(.registry), registryText),
            Field("catalog", .pattern(.catalogPart), "The catalog, in place of the job's."),
            Field("schema", .pattern(.catalogPart), "The schema, in place of the job's."),
            Field("aliases", .list(.pattern(.alias)), "The aliases, in place of the job's."),
            Field("protected", .list(.pattern(.alias)), protectedText),
            Field("require", .object(requirement), requirementText),
            Field("gates", .list(.pattern(.gate)), "The gates, in place of the job's."),
            Field("variables", .map(key: .variableName, value: .scalarText), "Values of variables."),
            Field("experiment", .oneOrList(.identifier), experimentText),
            Field(
                "on_error", .choice(OnError.allCases.map(\.rawValue)),
                "What a failure does, in place of the job's."),
            Field("on_foreign", .choice(foreignChoices), foreignText),
            Field(
                "moved", .map(key: .promptName, value: .pattern(.promptName)),
                "The old names of prompts, in place of the job's."),
        ])

    /// What `require` demands.
    static let requirement = ObjectShape(
        what: "a requirement",
        fields: [
            Field("clean", .boolean, "Whether the job's files have to be those of the commit, for run."),
            Field(
                "branch", .oneOrList(.text), "The branch that may write, or a list; * matches any characters."
            ),
            Field("ci", .boolean, "Whether only a CI system may write."),
        ])

    /// One entry of `variables`.
    static let variable = ObjectShape(
        what: "a variable",
        fields: [
            Field("default", .scalarText, "The value when neither a flag nor the environment gives one."),
            Field("description", .text, "What the variable is for."),
        ])

    /// A prompt's `model_config`: the keys and ranges are those of MLflow's `PromptModelConfig`.
    static let modelConfig = ObjectShape(
        what: "a model_config",
        fields: [
            Field("provider", .text, "Who serves the model."),
            Field("model_name", .text, "The model or serving endpoint."),
            Field("temperature", .number(NumberRange(minimum: 0)), "The sampling temperature."),
            Field(
                "max_tokens", .number(NumberRange(isWhole: true, minimum: 0, excludesMinimum: true)),
                "How long an answer may be, in tokens."),
            Field("top_p", .number(NumberRange(minimum: 0, maximum: 1)), "The nucleus sampling mass."),
            Field(
                "top_k", .number(NumberRange(isWhole: true, minimum: 0, excludesMinimum: true)),
                "How many tokens are candidates."),
            Field("frequency_penalty", .number(NumberRange()), "The penalty for frequent tokens."),
            Field("presence_penalty", .number(NumberRange()), "The penalty for tokens that occurred."),
            Field("stop_sequences", .list(.text), "Texts that end an answer."),
        ], isOpen: true, synonyms: ["model": "model_name"])

    private static let bom = Field(
        "bom", .choice(ByteOrderMark.allCases.map(\.rawValue)),
        "drop (default): a byte order mark is not registered; keep: it is.")
    private static let skipEmpty = Field(
        "skip_empty", .boolean, "Whether an empty file is left out with a note; an error by default.")
    private static let warnings = Field(
        "warnings", .object(WarningSettings.shape), "Which warnings are on or off, by name; on by default.")
    private static let syntaxes = ["mustache", "python", "jinja2", "none"]
    private static let frontMatterModes = FrontMatterMode.allCases.map(\.rawValue)
    private static let frontMatterText =
        "The YAML between --- lines at the top of a file: read (default) for settings, drop, or keep as text."
    private static let separatorText =
        "What joins folders and file in the name of a prompt that was found: support/system.md; _ by default."
    private static let foreignChoices = OnForeign.allCases.map(\.rawValue)
    private static let foreignText =
        "What a run does that would replace a version made elsewhere; by default it warns, and refuses to move an alias away from one."
    private static let registryText =
        "Where the prompts live: file:DIR, http(s)://HOST[:PORT] or databricks-uc[://PROFILE]."
    private static let protectedText = "The aliases that only promote and rollback move."
    private static let gatesText =
        "What has to be so before anything is promoted, such as errors <= 1% or cost <= +10%."
    private static let requirementText = "What has to be so before anything is written."
    private static let experimentText =
        "The ids of the experiments that show the prompts, one or a list; not their names."
}

extension TextPattern {
    /// A job's name.
    static let jobName = word("a job's name", more: " .-")
    /// A target's name.
    static let targetName = word("a target's name", more: ".-")
    /// A variable's name.
    static let variableName = word("a variable's name", more: "")
    /// A prompt's name within its job.
    static let promptName = word("a prompt's name", more: ".-")
    /// A prompt's name within its job, or a pattern of files.
    static let promptKey = TextPattern(expression: promptName.expression + "|[*?\\[]") { key in
        FilePattern.isPattern(key) ? nil : promptName.problem(key)
    }
    /// Keys that lead to a value in a file.
    static let keyPath: TextPattern = {
        let part = "(?:\"[^\"]*\"|'[^']*'|[^.\"'][^.]*)"
        return TextPattern(expression: "^\(part)(?:\\.\(part))*$", problem: DocumentKey.problem)
    }()
    /// A catalog or a schema.
    static let catalogPart = TextPattern(
        expression: wordExpression("-"), problem: NameRules.problem(withLevel:))

    /// The id of an experiment; MLflow's ids are numbers.
    static let identifier = TextPattern(expression: "^[0-9]+$") { text in
        let isID = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isID
            ? nil
            : "'\(text.prefix(60))' is no experiment's id, which is a number; write the id, not the name"
    }

    /// What precedes each prompt's name; it may be empty.
    static let namePrefix = TextPattern(expression: "^[A-Za-z0-9_.-]*$") { text in
        text.isEmpty ? nil : NameRules.problem(with: "a name prefix", text, allowing: ".-")
    }

    /// What stands between the names of folders and files.
    static let separator = TextPattern(expression: namePrefix.expression) { text in
        text.isEmpty ? nil : NameRules.problem(with: "a name separator", text, allowing: ".-")
    }

    /// An alias.
    static let alias = TextPattern(
        expression: NameRules.aliasExpression, problem: NameRules.problem(withAlias:))

    /// The key of a tag.
    static let tagKey = TextPattern(
        expression: NameRules.jobTagKeyExpression, problem: NameRules.problem(withJobTagKey:))

    /// A registry's address, in the forms that a spec may hold: no credentials.
    static let registry = TextPattern(
        expression: "^(?:file:.+|https?://[^/@?#]+(?:/[^@?#]*)?|databricks-uc(?:://[^@]+)?)$"
    ) { text in
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            let host = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
            if host.isEmpty { return "the registry's address names no host" }
            if text.contains("@") { return "credentials do not belong in a spec; the environment has them" }
            if text.contains("?") || text.contains("#") {
                return "a registry's address has no query and no fragment"
            }
        }
        if let problem = RegistryAddress.problem(with: text) { return problem }
        let hasScheme = ["http://", "https://", "databricks-uc", "file:"].contains(where: text.hasPrefix)
        return hasScheme
            ? nil : "the address of a registry begins with 'file:', 'http(s)://' or 'databricks-uc'"
    } hint: {
        RegistryAddress.correction(of: $0)
    }

    private static func word(_ what: String, more: String) -> TextPattern {
        TextPattern(expression: wordExpression(more)) { text in
            NameRules.problem(withWord: text, what, allowing: more)
        }
    }

    private static func wordExpression(_ more: String) -> String { "^[A-Za-z0-9_][A-Za-z0-9_\(more)]*$" }
}
