package import Prompts

extension Plan {
    /// Asks a registry what it says about the plan's writes; what it cannot hold refuses the plan.
    ///
    /// - Parameters:
    ///   - registry: The registry; only read.
    ///   - isPreview: Whether the plan is not carried out.
    /// - Returns: What works, but may not be what the user expects.
    /// - Throws: `RegistryError` when nothing can be written to the registry.
    package mutating func review(
        in registry: any PromptRegistry, isPreview: Bool
    ) async throws(RegistryError) -> [String] {
        let review = try await registry.review(prompts.compactMap(\.pendingWrite), isPreview: isPreview)
        for index in prompts.indices where prompts[index].problem == nil {
            prompts[index].problem = review.problems[prompts[index].prompt.name]
        }
        return review.warnings
    }
}

extension PlannedPrompt {
    /// What is to be written, apart from aliases; nil when nothing is.
    fileprivate var pendingWrite: PendingWrite? {
        let changes = ([changes] + versionChanges).filter { !$0.isEmpty }
        guard action.makesVersion || !changes.isEmpty else { return nil }
        return PendingWrite(
            name: prompt.name, prompt: exists ? nil : prompt,
            versions: action.makesVersion ? earlierVersions + [version] : [], changes: changes)
    }
}
