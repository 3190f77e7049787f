package import FoundationEssentials
import Jobs
package import Prompts
import Support

/// A plan in a file: what was asked for, and what would be done for it.
package struct SavedPlan: Hashable, Sendable, Codable, VersionedFile {
    /// The version of the file's format.
    package static let currentVersion = 7
    package static let versionKey = "plan_version"

    /// The version of the file's format.
    package var planVersion = Self.currentVersion
    /// The version of the program that wrote it.
    package var toolVersion: String
    /// What was asked for.
    package var request: RunRequest
    /// What would be done.
    package var plan: Plan

    /// A plan to be saved.
    ///
    /// - Parameters:
    ///   - toolVersion: The version of this program.
    ///   - request: What was asked for, with every value that the environment gave, so that it can be asked again.
    ///   - plan: What would be done.
    package init(toolVersion: String, request: RunRequest, plan: Plan) {
        self.toolVersion = toolVersion
        self.request = request
        self.plan = plan
        // They are shown, and nothing is done to them by what the plan says here.
        self.plan.orphans = []
    }

    /// The file's content, the same for the same plan.
    ///
    /// - Returns: JSON, ended by a newline.
    /// - Throws: What the encoder throws.
    package func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Makes sure that the plan still holds.
    ///
    /// - Parameter fresh: The plan as it would be made now, for the same request.
    /// - Throws: `RegistryError` with `.stalePlan`, which names what changed.
    package func check(_ fresh: Plan) throws(RegistryError) {
        let changes = changes(since: fresh)
        guard !changes.isEmpty else { return }
        let more = changes.count > 5 ? ", and \(changes.count - 5) more" : ""
        throw RegistryError(
            .stalePlan,
            "the saved plan is stale, so nothing was written: \(changes.prefix(5).joined(separator: ", "))\(more)",
            hint: "plan again")
    }

    /// Makes sure, before anything else, that the plan is for a registry.
    ///
    /// - Parameter location: Where the registry is.
    /// - Throws: `RegistryError` with `.stalePlan`.
    package func check(registry location: RegistryLocation) throws(RegistryError) {
        guard plan.registry != location else { return }
        throw RegistryError(
            .stalePlan, "the saved plan is stale, so nothing was written: the registry is now \(location)",
            hint: "plan again")
    }

    /// What changed since the plan was made, a line each; empty when it still holds.
    ///
    /// - Parameter fresh: The plan as it would be made now, for the same request.
    /// - Returns: The changes, in words.
    package func changes(since fresh: Plan) -> [String] {
        var changes: [String] = []
        if (plan.job, plan.target, plan.onError, plan.provenance)
            != (fresh.job, fresh.target, fresh.onError, fresh.provenance)
        {
            changes.append("the job spec changed")
        }
        if plan.registry != fresh.registry { changes.append("the registry is now \(fresh.registry)") }
        let now = Dictionary(fresh.prompts.map { ($0.name, $0) }) { first, _ in first }
        let before = Set(plan.prompts.map(\.name))
        for old in plan.prompts {
            guard let new = now[old.name] else {
                changes.append("the prompt '\(old.name)' is gone from the job")
                continue
            }
            changes += old.changes(since: new)
        }
        for new in fresh.prompts where !before.contains(new.name) {
            changes.append("the prompt '\(new.name)' is new in the job")
        }
        return changes
    }
}

extension PlannedPrompt {
    /// What the job says of a prompt, apart from its template.
    private struct JobPart: Encodable {
        var prompt: PromptDraft
        var version: VersionDraft
        var aliases: [String]

        init(_ planned: PlannedPrompt) {
            prompt = planned.prompt
            version = planned.version
            version.content.template = ""
            aliases = planned.aliases.map(\.alias)
        }
    }

    /// What follows from what the registry has of a prompt.
    private struct RegistryPart: Encodable {
        var action: PromptAction
        var exists: Bool
        var previousVersion: Int?
        var previousContentVersion: Int?
        var previousContent: PromptContent?
        var changes: MetadataChanges
        var aliases: [PlannedAlias]
        var repetitions: [Int]

        init(_ planned: PlannedPrompt) {
            action = planned.action
            exists = planned.exists
            previousVersion = planned.previousVersion
            previousContentVersion = planned.previousContentVersion
            previousContent = planned.previousContent
            changes = planned.changes
            aliases = planned.aliases
            repetitions = planned.repetitions
        }
    }

    /// What changed from this to what would be planned now.
    fileprivate func changes(since new: PlannedPrompt) -> [String] {
        var changes: [String] = []
        if !version.content.template.isIdentical(to: new.version.content.template) {
            changes.append("the template of '\(name)' changed")
        }
        if !Self.areIdentical(JobPart(self), JobPart(new)) {
            changes.append("what the job says of '\(name)' changed")
        }
        if changes.isEmpty, !Self.areIdentical(RegistryPart(self), RegistryPart(new)) {
            changes.append("'\(name)' changed in the registry")
        }
        return changes
    }

    /// Whether two values are the same to the last code point; Swift's own equality is not so strict.
    private static func areIdentical<Part: Encodable>(_ left: Part, _ right: Part) -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let one = try? encoder.encode(left), let other = try? encoder.encode(right) else {
            return false
        }
        return one == other
    }
}
