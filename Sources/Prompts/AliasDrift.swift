/// An alias that is elsewhere than this program left it.
package struct AliasDrift: Hashable, Sendable, Codable {
    /// The alias.
    package var alias: String
    /// The version that this program last pointed it to, or found it at; nil when it removed it.
    package var left: Int?
    /// The version that it points to now; nil when it does not exist.
    package var place: Int?
    /// When this program moved it last, in RFC 3339.
    package var at: String
    /// Who moved it then.
    package var by: String?
    /// Whether it is where it was before that move, and nothing tells that the move was made.
    package var isUndone: Bool
    /// Whether this program had only found it there, moved at a time that is not known; nil is false.
    package var isFoundThere: Bool?

    /// The drift of one alias.
    package init(
        alias: String, left: Int?, place: Int?, at: String, by: String?, isUndone: Bool = false,
        isFoundThere: Bool? = nil
    ) {
        self.isUndone = isUndone
        self.isFoundThere = isFoundThere
        self.alias = alias
        self.left = left
        self.place = place
        self.at = at
        self.by = by
    }
}

extension AliasLog {
    /// The aliases that are elsewhere than the journal's last moves left them, by name.
    ///
    /// - Parameter aliases: The version that each alias points to now.
    /// - Returns: The drift; empty where nothing else moved an alias.
    package func drift(of aliases: [String: Int]) -> [AliasDrift] {
        var known: Set<String> = []
        return entries.compactMap { entry in
            guard known.insert(entry.alias).inserted, aliases[entry.alias] != entry.to else { return nil }
            return AliasDrift(
                alias: entry.alias, left: entry.to, place: aliases[entry.alias], at: entry.at, by: entry.by,
                isUndone: entry.isUndone(by: aliases[entry.alias]),
                isFoundThere: entry.isFoundThere ? true : nil)
        }.sorted { $0.alias < $1.alias }
    }
}

extension ObservedPrompt {
    /// The prompt's aliases that are elsewhere than this program left them.
    package var drift: [AliasDrift] { AliasLog(continuing: tags[AliasLog.tag]).drift(of: aliases) }
}
