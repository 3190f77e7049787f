package import Prompts
import Support

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
        var warnings = review.warnings
        for index in prompts.indices where prompts[index].problem == nil {
            guard let problem = try await prompts[index].misplacedAlias(in: registry) else { continue }
            // Going back is what helps.
            if operation == .rollback {
                warnings.append(problem.message)
            } else {
                prompts[index].problem = problem
            }
        }
        return warnings
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

    /// Why an alias cannot be where the registry says it is: above the newest version, where there is none. Nil where all
    /// can.
    fileprivate func misplacedAlias(in registry: any PromptRegistry) async throws(RegistryError)
        -> RegistryError?
    {
        guard let newest = previousVersion else { return nil }
        for alias in aliases {
            guard let place = alias.previousVersion, place > newest else { continue }
            do throws(RegistryError) {
                // It may have been made since the newest one was asked for.
                _ = try await registry.version(place, of: prompt.name)
            } catch {
                guard error.code == .notFound else { throw error }
                return .misplaced(alias.alias, of: prompt.name, at: place, newest: newest)
            }
        }
        return nil
    }
}

extension RegistryError {
    /// An alias that the registry says points to a version that is not there.
    static func misplaced(
        _ alias: String, of name: String, at place: Int, newest: Int
    ) -> RegistryError {
        RegistryError(
            .corrupt,
            "the registry says that '\(alias)' of '\(name)' points to version \(place), which does not exist: "
                + "the newest version is \(newest)",
            hint:
                "promptreg rollback \(name.shellWord) --alias \(alias.shellWord) --to \(newest) points it there"
        ).about(name)
    }
}
