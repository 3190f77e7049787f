import FoundationEssentials
import Planning
import Prompts
import Support

// One run notes in the journal that it relies on an alias, then looks whether another is moving it back. That one tells
// that it is about to, then looks who relies on it. So at least one of the two sees the other. The one that moves
// back goes on telling so for as long as what it sent may take effect.
extension AliasMover {
    /// For how long this run moves aliases of a prompt back before it looks again who relies on them. Runs that wait for
    /// that wait three times as long.
    private static let longestRetreat = Duration.seconds(5)

    /// What this run saw when it last looked who relies on a prompt's aliases.
    struct Look {
        /// The prompt, or why it cannot be read.
        let prompt: Result<ObservedPrompt, RegistryError>
        /// What told other runs beforehand; nil where none can be at work.
        let mark: String?
        let time: ContinuousClock.Instant

        /// Whether others may no longer wait: it was too long ago, or another client removed the mark.
        var isOld: Bool {
            guard let mark, let prompt = try? prompt.get() else { return false }
            return .now - time > AliasMover.longestRetreat || !AliasMover.shows(mark, prompt)
        }
    }

    /// Whether others see a mark of this run.
    private static func shows(_ mark: String, _ prompt: ObservedPrompt) -> Bool {
        marks(prompt.tags[AliasLog.movingBackTag]).contains { $0.hasSuffix(" \(mark)") }
    }

    /// The marks of runs that are moving aliases back: when each last said so, and its mark. The newest is the first.
    private static func marks(_ tag: String?) -> [Substring] { (tag ?? "").split(separator: ",") }

    /// Changes when this run last said that it moves aliases of a prompt back, or that it no longer does; the marks of
    /// other runs stay.
    private func tell(
        _ mark: String, at time: Date?, of prompt: ObservedPrompt
    ) async throws(RegistryError) {
        let present = prompt.tags[AliasLog.movingBackTag]
        // The others are of runs that have surely ended.
        var marks = Self.marks(present).filter { $0 > horizon && !$0.hasSuffix(" \(mark)") }.map(String.init)
        if let time { marks.append("\(time.timestamp) \(mark)") }
        let text = marks.isEmpty ? nil : marks.sorted(by: >).joined(separator: ",")
        guard text != present else { return }
        try await registry.replaceTag(AliasLog.movingBackTag, of: prompt.name, from: present, to: text)
    }

    /// Tells other runs that aliases of prompts are about to be moved back, then looks who relies on them.
    ///
    /// - Returns: What was seen of those prompts that this run moved aliases of, by name.
    func lookWhoRelies(on outcomes: [PromptOutcome]) async -> [String: Look] {
        let outcomes = outcomes.filter { !($0.journal.isEmpty && moved($0).isEmpty) }
        let mark = registry.keepsRunsApart ? nil : marks.next()
        var (time, current) = (ContinuousClock.now, await reread(outcomes))
        var untold = outcomes
        // An answer without the mark is of an earlier moment, or another run wrote its own over it.
        for attempt in 0..<6 {
            guard let mark, !untold.isEmpty else { break }
            if attempt > 0, (try? await Task.sleep(for: .milliseconds(50 << attempt))) == nil { break }
            let before = current
            var told: Set<String> = []
            await forEachConcurrently(untold, limit: runner.concurrency) { outcome in
                do throws(RegistryError) {
                    try await tell(mark, at: Date(), of: before.prompt(of: outcome))
                    return true
                } catch {
                    return error.code == .conflict
                }
            } onResult: { outcome, mayBeTold in
                // Where others cannot be told, the aliases are moved back all the same.
                if mayBeTold { told.insert(outcome.planned.prompt.name) }
                if mayBeTold { runner.onEvent(.cleaningUp) }
                return true
            }
            time = .now
            current = await reread(outcomes)
            untold = untold.filter { outcome in
                guard told.contains(outcome.planned.prompt.name),
                    let prompt = try? current.prompt(of: outcome)
                else { return false }
                return !Self.shows(mark, prompt)
            }
        }
        runner.onEvent(.cleaningUp)
        return current.mapValues { [time] in Look(prompt: $0, mark: mark, time: time) }
    }

    /// Tells other runs again and again that an alias is still being moved back, until the task is cancelled.
    func renew(_ mark: String?, of name: String) async {
        guard let mark else { return }
        while (try? await Task.sleep(for: Self.longestRetreat)) != nil {
            guard let prompt = try? await registry.reread(name) else { continue }
            try? await tell(mark, at: Date(), of: prompt)
        }
    }

    /// Tells other runs that this one moves nothing more back.
    func removeMark(_ mark: String, _ outcome: inout PromptOutcome) async -> Bool {
        do throws(RegistryError) {
            try await tell(mark, at: nil, of: registry.reread(outcome.planned.prompt.name))
            return true
        } catch {
            outcome.fail(error)
            return false
        }
    }

    /// Reads prompts once no other run is moving their aliases back. One that does not go on has ended.
    func rereadAtRest(_ outcomes: [PromptOutcome]) async -> Current {
        var current = await reread(outcomes)
        var seen: [String: String] = [:]
        var end = ContinuousClock.now
        while !runner.isInterrupted {
            let marks = current.compactMapValues { try? $0.get().tags[AliasLog.movingBackTag] }
                .filter { $0.value > horizon }
            if marks != seen { end = .now + Self.longestRetreat * 3 }
            seen = marks
            if marks.isEmpty || .now >= end { break }
            do { try await Task.sleep(for: .milliseconds(500)) } catch { break }
            current = await reread(outcomes)
        }
        if !runner.isInterrupted { await removeMarks(of: current) }
        return current
    }

    /// Removes what runs have left that ended while they moved aliases back. Where that fails, a later run does it.
    private func removeMarks(of current: Current) async {
        let left = current.compactMapValues { try? $0.get().tags[AliasLog.movingBackTag] }
        await forEachConcurrently(left.sorted { $0.key < $1.key }, limit: runner.concurrency) { name, mark in
            try? await registry.replaceTag(AliasLog.movingBackTag, of: name, from: mark, to: nil)
        } onResult: { _, _ in
            true
        }
    }
}
