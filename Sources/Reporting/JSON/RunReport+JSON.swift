import Execution
import Jobs
import Planning
import Prompts

extension RunReport: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("schema_version", "The version of the format.", \.schemaVersion, ["const": 1]),
        .init("tool", "The program that wrote the report.", \.tool),
        .init("job", "The job's name; null where prompts were named without a job.", \.job),
        .init("target", "The target in use.", \.target),
        .init("registry", "The registry's address.", \.registry),
        .init("workspace", "The workspace behind the address; null if the address says it all.", \.workspace),
        .init("command", "The command.", \.command),
        .init(
            "registry_overridden", "Whether --registry named another registry than the target's.",
            \.registryOverridden),
        .init("mode", "dry_run and plan write nothing to the registry.", \.mode),
        .init("on_error", "hold: one failure moves no alias; continue: each prompt on its own.", \.onError),
        .init("status", "How the run ended.", \.status),
        .init("refused", "Whether nothing was done because the plan has problems.", \.refused),
        .init("started_at", "When the run started.", \.startedAt, ["format": "date-time"]),
        .init("finished_at", "When the run ended.", \.finishedAt, ["format": "date-time"]),
        .init("elapsed_ms", "How long the run took, in milliseconds.", \.elapsedMs),
        .init("requests", "How many requests were sent over the network.", \.requests),
        .init("git", "The commit of the job's files; null where none is known.", \.git),
        .init(
            "policy_override", "Why it was made against the job's policy; null where that allows it.",
            \.policyOverride),
        .init(
            "gate_override", "Why gates that failed did not count; null where they did, or none failed.",
            \.gateOverride),
        .init("plan", "How many prompts and aliases were planned for each action.", \.plan),
        .init("summary", "What was done. The numbers from created to not_run add up to total.", \.summary),
        .init("prompts", "The prompts, in the order of the job.", \.prompts),
        .init(
            "orphans",
            "Prompts that the job registered earlier and no longer names, if they were looked for.",
            \.orphans),
        .init("error", "Why the run as a whole failed.", \.error),
    ]
}

extension RunReport.Tool: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("name", "The program's name.", \.name, ["const": "promptreg"]),
        .init("version", "The program's version.", \.version),
    ]
}

extension PlanCounts: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("create", "Prompts to create.", \.create),
        .init("update", "Prompts to get a new version.", \.update),
        .init("retag", "Prompts whose tags or description change in place.", \.retag),
        .init("unchanged", "Prompts that stay as they are.", \.unchanged),
        .init("aliases", "Aliases to set or move.", \.aliases),
        .init("alias_removals", "Aliases to remove.", \.aliasRemovals),
        .init(
            "refused", "Prompts with a problem, which keeps the whole plan from being carried out.",
            \.refused),
    ]
}

extension RunReport.Summary: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("total", "All prompts of the run.", \.total),
        .init("created", "Prompts that were created.", \.created),
        .init("updated", "Prompts that got a new version.", \.updated),
        .init("retagged", "Prompts whose tags or description changed in place.", \.retagged),
        .init(
            "unchanged",
            "Prompts without a new version, or other tags or another description; aliases may have moved.",
            \.unchanged),
        .init("failed", "Prompts that failed.", \.failed),
        .init("not_run", "Prompts that were not started.", \.notRun),
        .init("aliases_set", "Aliases that the run set or moved.", \.aliasesSet),
        .init(
            "aliases_set_by_another_run",
            "Aliases that another run at the same time had put there before this one did.",
            \.aliasesSetByAnotherRun),
        .init("aliases_held", "Aliases that were left where they were.", \.aliasesHeld),
        .init("aliases_removed", "Aliases that were removed.", \.aliasesRemoved),
        .init(
            "duplicates_removed", "Versions that were deleted, as they were registered twice.",
            \.duplicatesRemoved),
    ]
}

extension OrphanedPrompt: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("full_name", "The name in the registry.", \.fullName),
        .init(
            "aliases", "Those of the job's aliases that it still has, with their versions.",
            \.aliases,
            ["additionalProperties": Int.schema.adding(atLeastOne)]),
        .init(
            "other_aliases", "Its other aliases, which no run of the job removes, with their versions.",
            \.otherAliases, ["additionalProperties": Int.schema.adding(atLeastOne)]),
    ]
}

extension PromptReport: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("name", "The name within the job.", \.name),
        .init("full_name", "The name in the registry.", \.fullName),
        .init("uri", "The version's URI, to load it.", \.uri),
        .init("url", "The page that shows the prompt in the browser; null if there is none.", \.url),
        .init("action", "What the plan says; null if the run ended before there was a plan.", \.action),
        .init("status", "What became of the prompt.", \.status),
        .init("version", "The newest version now.", \.version, atLeastOne),
        .init("previous_version", "The newest version before the run.", \.previousVersion, atLeastOne),
        .init(
            "target_version", "The newest version after the run, as the plan expects it.", \.targetVersion,
            atLeastOne),
        .init("differences", "How the job and the registry differed.", \.differences),
        .init("aliases", "What became of each alias.", \.aliases),
        .init("template", "The template; null if the run ended before it was known.", \.template),
        .init(
            "spec_line", "The line of the job spec that names the prompt; null without a job.", \.specLine,
            atLeastOne),
        .init(
            "duplicates_removed", "The versions that were deleted, as they were registered twice.",
            \.duplicatesRemoved),
        .init(
            "drift",
            "Aliases that something else moved since promptreg did; the run left those of others alone.",
            \.drift),
        .init(
            "previous_job", "The job that the prompt belonged to before; null unless it is another one.",
            \.previousJob),
        .init(
            "taken_from_nobody",
            "Whether no job had registered the prompt before, and the run makes it the job's.",
            \.takenFromNobody),
        .init(
            "foreign", "Versions that something else made, and that the run replaces, the newest first.",
            \.foreign),
        .init(
            "made_by_another_run",
            "Whether another run at the same time made the version, so that this one made none.",
            \.madeByAnotherRun),
        .init("gates", "What the gates of a promotion found; null without gates.", \.gates),
        .init("error", "Why the prompt failed.", \.error),
        .init("elapsed_ms", "How long the prompt took, in milliseconds.", \.elapsedMs),
    ]
}

extension GateFinding: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("gate", "The gate as it is written.", \.gate),
        .init("status", "no_data: there is nothing to go by, which is no pass.", \.status),
        .init("evidence", "What was found.", \.evidence),
        .init(
            "figures", "What was found in numbers; null where there are none, as of a tag.", \.figures),
        .init(
            "experiments",
            "The ids of the experiments in which traces were looked for; null where it asks for none.",
            \.experiments),
    ]
}

extension GateFinding.Figures: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init(
            "value", "What was measured: milliseconds, dollars, tokens, or a share of 1 for errors.", \.value),
        .init(
            "base", "The same of the version that the alias has now; null where it does not count.", \.base),
        .init("limit", "What the value is compared with; null without a base to compare with.", \.limit),
        .init(
            "count", "How many values were measured; null for a number of traces, or a run's metric.",
            \.count),
    ]
}

extension GateFinding.Status: JSONRepresentable {}

extension AliasDrift: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("alias", "The alias.", \.alias),
        .init(
            "left", "The version that promptreg last pointed it to, or found it at; null if it removed it.",
            \.left),
        .init("version", "The version that it pointed to before the run; null if it did not exist.", \.place),
        .init("at", "When promptreg moved it last, or found it there, in RFC 3339.", \.at),
        .init("by", "Who moved it then; null where it was found there.", \.by),
        .init(
            "undone", "Whether it is where it was before: a run that was stopped may not have moved it.",
            \.isUndone),
    ]
}

extension ForeignReport: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("version", "Its number.", \.version, atLeastOne),
        .init("created_at", "When it was made; null where the registry does not say.", \.createdAt),
        .init("created_by", "Who made it; null where the registry does not say.", \.createdBy),
        .init("message", "Its commit message.", \.message),
        .init(
            "edited", "Whether a job made it or had it in its files, and something else changed its content.",
            \.isEdited),
        .init(
            "edits", "Which settings of the model were changed then; null where that is not known.", \.edits),
        .init("own_version", "The last version before it that a job made.", \.ownVersion, atLeastOne),
        .init("aliases", "The job's aliases that the run would move away from it.", \.aliases),
        .init("action", "What the run does about it.", \.action),
    ]
}

extension SettingChange: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("key", "The key in model_config.", \.key),
        .init("from", "The old value as JSON; null where there was none.", \.from),
        .init("to", "The new value as JSON; null where there is none.", \.to),
    ]
}

extension PromptReport.Template: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("path", "The file's path in the repository; null if it is not from a file.", \.path),
        .init("characters", "Its length in Unicode code points.", \.characters),
        .init("variables", "The names of its variables, sorted.", \.variables),
    ]
}

extension AliasReport: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("alias", "The alias.", \.alias),
        .init("action", "What the plan says.", \.action),
        .init("status", "held: left where it was; restored: moved, then moved back.", \.status),
        .init("version", "The version that it points to now.", \.version, atLeastOne),
        .init("previous_version", "The version before the run.", \.previousVersion, atLeastOne),
        .init(
            "target_version", "The version that the plan expects; null if the alias is to be removed.",
            \.targetVersion, atLeastOne),
        .init(
            "set_by_another_run",
            "Whether another run at the same time had put it where the plan wants it.", \.setByAnotherRun),
    ]
}

extension RegistryError: JSONObject {
    static let fields: [JSONField<Self>] = [
        .init("code", "The kind of failure.", \.code),
        .init("message", "What happened.", \.message),
        .init("hint", "What to do about it.", \.hint),
    ]
}

/// What the schema says of numbers that count from 1.
private let atLeastOne: JSONSchema = ["minimum": 1]

extension RunReport.Mode: JSONRepresentable {}
extension RunReport.Status: JSONRepresentable {}
extension PromptOutcome.Status: JSONRepresentable {}
extension AliasStatus: JSONRepresentable {}
extension Operation: JSONRepresentable {}
extension PromptAction: JSONRepresentable {}
extension AliasAction: JSONRepresentable {}
extension OnError: JSONRepresentable {}
extension OnForeign: JSONRepresentable {}
extension Difference: JSONRepresentable {}
extension RegistryError.Code: JSONRepresentable {}
