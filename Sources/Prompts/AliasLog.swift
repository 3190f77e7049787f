import FoundationEssentials
import Support

/// The journal of a prompt's alias moves, newest first. The prompt's tag `promptreg_alias_log` holds it as JSON.
package struct AliasLog: Hashable, Sendable {
    /// The tag of the prompt, not of its versions.
    package static let tag = "promptreg_alias_log"

    /// The tag of a prompt of which runs that failed are moving aliases back: of each, when it last said so, and a mark of
    /// its own. Two programs that write one tag overwrite each other, so it is not part of the journal.
    package static let movingBackTag = "promptreg_moving_back"

    /// One move.
    package struct Entry: Hashable, Sendable, Codable {
        /// The alias.
        package var alias: String
        /// The version that it pointed to before; nil when it did not exist.
        package var from: Int?
        /// The version that it pointed to afterwards; nil when it was removed.
        package var to: Int?
        /// When it was moved, in RFC 3339.
        package var at: String
        /// Who moved it.
        package var by: String?
        /// The commit that was checked out.
        package var commit: String?
        /// Whether the job's files differed from the commit; nil is false, or unknown.
        package var isDirty: Bool?
        /// The job that moved it.
        package var job: String?
        /// Whether the move was a rollback; nil is false.
        package var isRollback: Bool?
        /// What the move was part of: the same for runs at once of one job, and for a run that completes another; nil in
        /// an entry of an earlier program.
        package var release: String?
        /// When a run had done its work and found the alias there, in RFC 3339: the run that moved it must not move it
        /// back from then on. Nil says nothing: what is made as usual is not noted.
        package var foundAt: String?

        /// Why it was made against the job's policy; nil where that allowed it.
        package var policyOverride: String?
        /// What the gates of a promotion found, in short; nil where there were none.
        package var evidence: String?
        /// Why gates that failed did not count; nil where they did, or none failed.
        package var gateOverride: String?

        /// A move.
        package init(
            alias: String, from: Int?, to: Int?, at: String, by: String? = nil, commit: String? = nil,
            job: String? = nil, isRollback: Bool = false, release: String? = nil,
            policyOverride: String? = nil
        ) {
            self.alias = alias
            self.from = from
            self.to = to
            self.at = at
            self.by = by
            self.commit = commit
            self.job = job
            self.isRollback = isRollback ? true : nil
            self.release = release
            self.policyOverride = policyOverride
        }

        /// Whether another entry is of the same move, whoever made it and when.
        package func isSameMove(as other: Entry) -> Bool {
            (alias, from, to, isRollback) == (other.alias, other.from, other.to, other.isRollback)
        }

        /// Whether an alias that was found somewhere after this move is where it was before, so that the move may not have
        /// been made.
        ///
        /// - Parameter place: The version; nil where the alias did not exist.
        /// - Returns: Whether it is.
        package func isUndone(by place: Int?) -> Bool { place == from && from != to && foundAt == nil }

        /// Whether it is no move of whoever recorded it: the alias was found there, moved at a time that is not known.
        package var isFoundThere: Bool { by == nil && foundAt == at }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(alias, forKey: .alias)
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
            try container.encode(at, forKey: .at)
            try container.encode(by, forKey: .by)
            try container.encode(commit, forKey: .commit)
            try container.encodeIfPresent(isDirty, forKey: .isDirty)
            try container.encode(job, forKey: .job)
            try container.encodeIfPresent(isRollback, forKey: .isRollback)
            try container.encodeIfPresent(release, forKey: .release)
            try container.encodeIfPresent(foundAt, forKey: .foundAt)
            try container.encodeIfPresent(policyOverride, forKey: .policyOverride)
            try container.encodeIfPresent(evidence, forKey: .evidence)
            try container.encodeIfPresent(gateOverride, forKey: .gateOverride)
        }

        enum CodingKeys: String, CodingKey {
            // Coders change their case, in the journal as in a saved plan.
            case alias, from, to, at, by, commit, job, release, evidence
            case foundAt, policyOverride, gateOverride
            case isDirty = "dirty"
            case isRollback = "rollback"
        }
    }

    /// A name or a reason that leaves room for other entries.
    package static func shortened(_ text: String) -> String { shortened(text, to: 80) }

    /// A text of at most so many characters: cut between words, where there are any.
    package static func shortened(_ text: String, to limit: Int) -> String {
        guard text.count > limit else { return text }
        let start = text.prefix(limit - 1)
        let space = text.prefix(limit).lastIndex(where: \.isWhitespace)
        // One long word is cut itself.
        let end = space.flatMap { text[..<$0].count >= limit / 2 ? $0 : nil } ?? start.endIndex
        return String(text[..<end]) + "…"
    }

    /// Findings that leave room for other entries: as many whole ones as there is room for, and how many are left out.
    ///
    /// - Parameters:
    ///   - findings: The findings, those that matter most first.
    ///   - limit: The most characters.
    /// - Returns: A text in which no figure is cut.
    package static func shortened(_ findings: [String], to limit: Int) -> String {
        for left in findings.indices {
            let rest = left > 0 ? ["\(left) more in the report"] : []
            let text = (findings.dropLast(left) + rest).joined(separator: "; ")
            if text.count <= limit { return text }
        }
        let note = "… (the report has all)"
        var words = (findings.first ?? "").prefix(max(0, limit - note.count)).split(separator: " ").dropLast()
        // A number without its unit says something else.
        while let word = words.last, word.contains(where: \.isNumber) { words.removeLast() }
        return (words.map(String.init) + [note]).joined(separator: " ")
    }

    /// The moves, newest first.
    package private(set) var entries: [Entry]

    /// Reads a prompt's journal; without the tag it is empty.
    ///
    /// - Parameter prompt: The prompt.
    /// - Throws: `RegistryError` with `.corrupt` when the tag is not a journal.
    package init(of prompt: ObservedPrompt) throws(RegistryError) {
        let text = prompt.tags[Self.tag] ?? "[]"
        guard let entries = Self.entries(in: text) else {
            throw RegistryError(
                .corrupt, "the tag '\(Self.tag)' of '\(prompt.name)' is not a journal of alias moves",
                hint: "something else wrote it; remove the tag, and the next move starts a new journal"
            ).about(prompt.name)
        }
        self.entries = entries
    }

    /// A journal of moves, newest first.
    package init(entries: [Entry]) { self.entries = entries }

    /// Reads a tag's value to add to it; one that is missing or not a journal starts a new one.
    package init(continuing text: String? = nil) { entries = text.flatMap(Self.entries) ?? [] }

    private static func entries(in text: String) -> [Entry]? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode([Entry].self, from: Data(text.utf8))
    }

    /// Adds moves that are made together, before all others. A move that another run makes at the same time is not added
    /// twice. One that was there before stays: something else may have moved the alias back since. So that a run which
    /// is stopped again and again leaves no more than two entries, only the first and the last of those stay that
    /// nothing tells to have been made.
    ///
    /// - Parameters:
    ///   - moves: The moves.
    ///   - isEarlier: Whether an entry is not of a run at the same time.
    /// - Returns: The entries that they replace.
    @discardableResult
    package mutating func add(
        _ moves: [Entry], after isEarlier: (Entry) -> Bool = { _ in false }
    ) -> [Entry] {
        var replaced: [Entry] = []
        for move in moves {
            let same = entries.indices.filter { entries[$0].alias == move.alias }.prefix {
                entries[$0].isSameMove(as: move)
            }
            guard let newest = same.first else { continue }
            let isOnly = !same.dropFirst().contains { entries[$0].foundAt == nil }
            if isEarlier(entries[newest]), isOnly || entries[newest].foundAt != nil { continue }
            replaced.append(entries.remove(at: newest))
        }
        entries = moves + entries
        return replaced
    }

    /// Takes moves out again, and puts back the entries that they replaced.
    package mutating func remove(_ moves: [Entry], restoring replaced: [Entry]) {
        entries.removeAll { moves.contains($0) }
        entries = replaced.filter { lastMove(like: $0) == nil } + entries
    }

    /// The last move of an alias.
    ///
    /// - Parameter alias: The alias.
    /// - Returns: The move; nil when the journal has none.
    package func last(_ alias: String) -> Entry? { entries.first { $0.alias == alias } }

    /// The last move of an alias, where it is the same as another one, whoever made it; nil where it is not.
    package func lastMove(like move: Entry) -> Entry? {
        last(move.alias).flatMap { $0.isSameMove(as: move) ? $0 : nil }
    }

    /// Whether the next move of an alias began where a move had led.
    package func isFollowed(_ move: Entry) -> Bool {
        let moves = entries.filter { $0.alias == move.alias }
        guard let index = moves.firstIndex(of: move), index > 0 else { return false }
        return moves[index - 1].from == move.to && !moves[index - 1].isSameMove(as: move)
    }

    /// Whether nothing tells that a move was made: what came next found the alias where it had been before. A run that
    /// was stopped leaves that, and something else that moved the alias back.
    ///
    /// - Parameters:
    ///   - index: The index of the move.
    ///   - aliases: The version that each alias points to now.
    /// - Returns: Whether it may not have been made.
    package func isUncertain(_ index: Int, _ aliases: [String: Int]) -> Bool {
        let move = entries[index]
        let next = entries[..<index].last { $0.alias == move.alias }
        return move.isUndone(by: next.map(\.from) ?? aliases[move.alias])
    }

    /// Notes that a run has found an alias where its last move had left it.
    ///
    /// - Parameters:
    ///   - alias: The alias.
    ///   - time: When, in RFC 3339.
    package mutating func markFound(_ alias: String, at time: String) {
        guard let index = entries.firstIndex(where: { $0.alias == alias }) else { return }
        entries[index].foundAt = entries[index].foundAt ?? time
    }

    /// The tag's value.
    ///
    /// - Parameter limit: The most characters that it can have; the oldest moves that do not fit are left out.
    /// - Returns: JSON.
    package func text(limit: Int) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        var text = "["
        var count = 2
        for entry in entries {
            // An entry has only values that can be encoded.
            guard let data = try? encoder.encode(entry) else { continue }
            let item = String(decoding: data, as: UTF8.self)
            count += item.unicodeScalars.count + 1
            guard count <= limit else { break }
            text += (text.utf8.count == 1 ? "" : ",") + item
        }
        return text + "]"
    }

    // MARK: - Rollback

    /// A place where an alias has been.
    package struct Step: Hashable, Sendable {
        /// The version that it pointed to; nil while it did not exist.
        package var version: Int?
        /// When it was moved there; nil where that is unknown.
        package var at: String?
        /// What that move was part of, as far as the journal tells.
        package var release: String?
        /// When it went back there, where the journal does not tell how it had come there first; else nil.
        package var returnedAt: String?
    }

    /// The places where an alias has been, without those that were rolled back, so that the next rollback goes on from
    /// there.
    ///
    /// - Parameter alias: The alias.
    /// - Returns: The places, the present one last; empty when the journal has no move.
    package func steps(of alias: String) -> [Step] {
        var steps: [Step] = []
        var previous: Entry?
        for entry in entries.reversed() where entry.alias == alias {
            // Two runs at once made the same move, or it was made again: the last time counts.
            if previous?.isSameMove(as: entry) == true {
                if entry.isRollback != true, entry.to != entry.from {
                    steps[steps.count - 1] = Step(version: entry.to, at: entry.at, release: entry.release)
                }
                continue
            }
            previous = entry
            // Something else may have moved it in between, or earlier moves were left out.
            if steps.isEmpty || steps.last?.version != .some(entry.from) {
                steps.append(Step(version: entry.from))
            }
            if entry.isRollback == true {
                let place = steps.lastIndex { $0.version == entry.to }
                steps =
                    place.map { Array(steps[...$0]) }
                    ?? [Step(version: entry.to, returnedAt: entry.at)]
            } else if entry.to != entry.from {
                steps.append(Step(version: entry.to, at: entry.at, release: entry.release))
            }
        }
        return steps
    }
}
