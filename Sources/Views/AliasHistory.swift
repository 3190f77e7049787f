package import Prompts

/// The journal of a prompt's alias moves, with what has happened to the aliases since.
package struct AliasHistory: Hashable, Sendable {
    /// A move.
    package struct Move: Hashable, Sendable {
        /// What the journal says.
        package var entry: AliasLog.Entry
        /// Where the alias is now, if this is its last move and something else has moved it since.
        package var drift: AliasDrift?
        /// Whether nothing tells that it was made.
        package var isUncertain: Bool
    }

    /// The moves, newest first.
    package let moves: [Move]

    /// The history of a prompt.
    ///
    /// - Parameter prompt: The prompt.
    /// - Throws: `RegistryError` with `.corrupt` when its journal cannot be read.
    package init(of prompt: ObservedPrompt) throws(RegistryError) {
        let log = try AliasLog(of: prompt)
        var drift = Dictionary(log.drift(of: prompt.aliases).map { ($0.alias, $0) }) { first, _ in first }
        moves = log.entries.indices.map { index in
            let entry = log.entries[index]
            return Move(
                entry: entry, drift: drift.removeValue(forKey: entry.alias),
                isUncertain: log.isUncertain(index, prompt.aliases))
        }
    }
}
