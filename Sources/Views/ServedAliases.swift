package import FoundationEssentials
package import Prompts
import Support

/// Which versions the aliases of prompts pointed to at a time, as far as journals tell.
package struct ServedAliases: Hashable, Sendable {
    /// Where one alias pointed.
    package struct Place: Hashable, Sendable {
        /// The alias.
        package var alias: String
        /// The version; nil where the alias did not exist.
        package var version: PromptVersion?
        /// The move that led there; nil where none is recorded.
        package var move: AliasLog.Entry?
        /// Why it may have been elsewhere, in words; nil where it was there.
        package var doubt: String?
    }

    /// One prompt.
    package struct Prompt: Hashable, Sendable {
        /// The full name.
        package var name: String
        /// The aliases that existed, or may have, by name.
        package var places: [Place]
    }

    /// The time.
    package let time: Date
    /// Where the registry is.
    package let registry: RegistryLocation
    /// The prompts, in the order that they were asked for.
    package let prompts: [Prompt]

    /// Reads the journals of prompts.
    ///
    /// - Parameters:
    ///   - names: The full names; those that do not exist are left out.
    ///   - time: The time.
    ///   - registry: The registry.
    /// - Throws: `RegistryError`.
    package init(
        of names: [String], at time: Date, in registry: any PromptRegistry
    ) async throws(RegistryError) {
        self.time = time
        self.registry = registry.location
        let observed = try await registry.observe(names)
        prompts = try await concurrentMap(names.compactMap { observed[$0] }, limit: 8) {
            (prompt) async throws(RegistryError) in
            let versions = try await registry.versions(of: prompt.name)
            return Prompt(name: prompt.name, places: try Self.places(of: prompt, versions, at: time))
        }
    }

    private static func places(
        of prompt: ObservedPrompt, _ versions: [PromptVersion], at time: Date
    ) throws(RegistryError) -> [Place] {
        let moves = Dictionary(grouping: try AliasLog(of: prompt).entries.reversed(), by: \.alias)
        let known = Dictionary(versions.map { ($0.number, $0) }) { first, _ in first }
        return Set(moves.keys).union(prompt.aliases.keys).sorted().compactMap { alias in
            let search = Search(
                alias: alias, moves: moves[alias] ?? [], now: prompt.aliases[alias], versions: known,
                time: time)
            let place = search.place
            return place.version == nil && place.doubt == nil && place.move == nil ? nil : place
        }
    }

    /// Finds the place of one alias.
    private struct Search {
        let alias: String
        /// Its recorded moves, the oldest first.
        let moves: [AliasLog.Entry]
        /// Where it points now.
        let now: Int?
        let versions: [Int: PromptVersion]
        let time: Date

        var place: Place {
            let isBefore = { (move: AliasLog.Entry) in Date(timestamp: move.at).map { $0 <= time } ?? false }
            let (before, after) = (moves.last(where: isBefore), moves.first { !isBefore($0) })
            // What the next move, or the present, found.
            let left = after.map { $0.isFoundThere ? $0.to : $0.from } ?? now
            let end = after.map { "before \($0.at)" } ?? "since"
            guard let before else {
                guard let left, existed(left) else { return Place(alias: alias) }
                let source = after.map { "by the move of \($0.at)" } ?? "as it is there now"
                return Place(
                    alias: alias, version: version(left), doubt: "no move is recorded; known only \(source)")
            }
            var place = Place(alias: alias, version: before.to.map(version), move: before)
            if left != before.to, left.map(existed) ?? true {
                let other = left.map { "moved it to v\($0)" } ?? "removed it"
                let back = left.map { "moved it back to v\($0)" } ?? "removed it again"
                // A run that was stopped may not have made the move that it recorded.
                place.doubt =
                    before.isUndone(by: left)
                    ? "something else \(back) \(end), at a time that is not known, or that move was not made"
                    : "something else \(other) \(end), at a time that is not known"
            }
            return place
        }

        private func version(_ number: Int) -> PromptVersion {
            versions[number]
                ?? PromptVersion(number: number, content: PromptContent(kind: .text, template: ""))
        }

        /// Whether a version existed by the time, as far as that is known.
        private func existed(_ number: Int) -> Bool {
            versions[number]?.createdAt.map { Double($0) / 1_000 <= time.timeIntervalSince1970 } ?? true
        }
    }
}
