import FoundationEssentials

/// The journal of a prompt's alias moves, which its tag `promptreg_alias_log` holds as JSON, newest first.
package struct AliasLog: Hashable, Sendable {
    /// The tag of the prompt, not of its versions.
    package static let tag = "promptreg_alias_log"

    /// One move.
    package struct Entry: Hashable, Sendable, Codable {
        /// The alias.
        package var alias: String
        /// The version that it pointed to; nil when it did not exist.
        package var from: Int?
        /// The version that it points to since; nil when it was taken away.
        package var to: Int?
        /// When it was moved, in RFC 3339.
        package var at: String
        /// Who moved it.
        package var by: String?
        /// The commit that was checked out.
        package var commit: String?
        /// The job that moved it.
        package var job: String?
        /// Whether it went back to where it had been; nil is false.
        package var isRollback: Bool?

        /// A move.
        package init(
            alias: String, from: Int?, to: Int?, at: String, by: String? = nil, commit: String? = nil,
            job: String? = nil, isRollback: Bool = false
        ) {
            self.alias = alias
            self.from = from
            self.to = to
            self.at = at
            self.by = by
            self.commit = commit
            self.job = job
            self.isRollback = isRollback ? true : nil
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(alias, forKey: .alias)
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
            try container.encode(at, forKey: .at)
            try container.encode(by, forKey: .by)
            try container.encode(commit, forKey: .commit)
            try container.encode(job, forKey: .job)
            try container.encodeIfPresent(isRollback, forKey: .isRollback)
        }

        enum CodingKeys: String, CodingKey {
            case alias, from, to, at, by, commit, job
            case isRollback = "rollback"
        }
    }

    /// The moves, newest first.
    package private(set) var entries: [Entry]

    /// An empty journal.
    package init() { entries = [] }

    /// Reads a prompt's journal.
    ///
    /// - Parameter prompt: The prompt.
    /// - Throws: `RegistryError` with `.corrupt` when its tag holds something else; no tag is an empty journal.
    package init(of prompt: ObservedPrompt) throws(RegistryError) {
        entries = []
        guard let text = prompt.tags[Self.tag] else { return }
        guard let entries = Self.entries(in: text) else {
            var error = RegistryError(
                .corrupt, "the tag '\(Self.tag)' of '\(prompt.name)' holds no journal of alias moves",
                hint: "somebody else wrote it; remove the tag, and the next move begins a new journal")
            error.prompt = prompt.name
            throw error
        }
        self.entries = entries
    }

    /// Reads a journal that is to be added to; one that cannot be read is begun anew.
    ///
    /// - Parameter text: The tag's value; nil when there is none.
    package init(continuing text: String?) { entries = text.flatMap(Self.entries) ?? [] }

    private static func entries(in text: String) -> [Entry]? {
        try? JSONDecoder().decode([Entry].self, from: Data(text.utf8))
    }

    /// Notes moves that are made at one time; they come before all others. One that was noted and then not made, as
    /// by a run that died, is not noted twice.
    package mutating func add(_ moves: [Entry]) {
        for move in moves {
            guard let newest = entries.firstIndex(where: { $0.alias == move.alias }) else { continue }
            let known = entries[newest]
            if (known.from, known.to, known.isRollback) == (move.from, move.to, move.isRollback) {
                entries.remove(at: newest)
            }
        }
        entries = moves + entries
    }

    /// The tag's value.
    ///
    /// - Parameter limit: How many characters it may have; the oldest moves that do not fit are left out.
    /// - Returns: JSON.
    package func text(limit: Int) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        var text = "["
        var count = 2
        for entry in entries {
            // Texts, numbers and null are all there is in an entry: each of them can be encoded.
            guard let data = try? encoder.encode(entry) else { continue }
            let item = String(decoding: data, as: UTF8.self)
            count += item.unicodeScalars.count + 1
            guard count <= limit else { break }
            text += (text.utf8.count == 1 ? "" : ",") + item
        }
        return text + "]"
    }

    // MARK: - The way back

    /// Where an alias has been.
    package struct Step: Hashable, Sendable {
        /// The version that it pointed to; nil while it did not exist.
        package var version: Int?
        /// When it was moved there; nil when the journal does not tell.
        package var at: String?
    }

    /// The way that an alias came to where it is, without what was taken back.
    ///
    /// A rollback leads back along the way, so that the next one goes on from there and never to what was taken back
    /// before.
    ///
    /// - Parameter alias: The alias.
    /// - Returns: Where it has been, its present place last; empty when the journal knows of no move.
    package func steps(of alias: String) -> [Step] {
        var steps: [Step] = []
        for entry in entries.reversed() where entry.alias == alias {
            // Somebody else may have moved it meanwhile, or older moves have made room.
            if steps.isEmpty || steps.last?.version != .some(entry.from) {
                steps.append(Step(version: entry.from))
            }
            if entry.isRollback == true {
                let place = steps.lastIndex { $0.version == entry.to }
                steps = place.map { Array(steps[...$0]) } ?? [Step(version: entry.to)]
            } else if entry.to != entry.from {
                steps.append(Step(version: entry.to, at: entry.at))
            }
        }
        return steps
    }
}
