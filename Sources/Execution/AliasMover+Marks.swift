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

        /// Whether others may no longer wait: for too long, or another run that fails told them the same and has ended.
        var isOld: Bool {
            guard let mark, let prompt = try? prompt.get() else { return false }
            return .now - time > AliasMover.longestRetreat
                || !AliasMover.isMark(prompt.tags[AliasLog.movingBackTag], like: mark)
        }
    }

    /// Whether what a prompt's tag tells is a mark of this run, with whatever time.
    private static func isMark(_ present: String?, like mark: String) -> Bool {
        present?.split(separator: " ").last == mark.split(separator: " ").last
    }

    /// Tells other runs that aliases of prompts are about to be moved back, then looks who relies on them.
    ///
    /// - Returns: What was seen of those prompts that this run moved aliases of, by name.
    func lookWhoRelies(on outcomes: [PromptOutcome]) async -> [String: Look] {
        let outcomes = outcomes.filter { !($0.journal.isEmpty && moved($0).isEmpty) }
        let mark = registry.keepsRunsApart ? nil : "\(Date().timestamp) \(marks.next())"
        var told: [String] = []
        if let mark {
            let changes = MetadataChanges(promptTags: [AliasLog.movingBackTag: mark])
            await forEachConcurrently(outcomes, limit: runner.concurrency) { outcome in
                // Where others cannot be told, the aliases are moved back all the same.
                (try? await registry.update(outcome.planned.prompt.name, changes)) != nil
            } onResult: { outcome, isTold in
                if isTold { told.append(outcome.planned.prompt.name) }
                if isTold { runner.onEvent(.cleaningUp) }
                return true
            }
        }
        var time = ContinuousClock.now
        var current = await reread(outcomes)
        // An answer without the mark, or a later one, is of an earlier moment.
        for attempt in 0..<5 {
            let isOld = told.contains { name in
                guard let mark, let prompt = try? current[name]?.get() else { return false }
                return prompt.tags[AliasLog.movingBackTag] ?? "" < mark
            }
            guard isOld, (try? await Task.sleep(for: .milliseconds(100 << attempt))) != nil else { break }
            time = .now
            current = await reread(outcomes)
        }
        runner.onEvent(.cleaningUp)
        return current.mapValues { [time] in Look(prompt: $0, mark: mark, time: time) }
    }

    /// Tells other runs again and again that an alias is still being moved back, until the task is cancelled.
    func renew(_ mark: String?, of name: String) async {
        guard let mark, let key = mark.split(separator: " ").last else { return }
        while (try? await Task.sleep(for: Self.longestRetreat)) != nil {
            guard let present = try? await registry.reread(name).tags[AliasLog.movingBackTag],
                Self.isMark(present, like: mark)
            else { continue }
            try? await registry.replaceTag(
                AliasLog.movingBackTag, of: name, from: present, to: "\(Date().timestamp) \(key)")
        }
    }

    /// Tells other runs that nothing more is moved back.
    func removeMark(_ mark: String, _ outcome: inout PromptOutcome) async -> Bool {
        let name = outcome.planned.prompt.name
        do throws(RegistryError) {
            let present = try await registry.reread(name).tags[AliasLog.movingBackTag]
            guard Self.isMark(present, like: mark) else { return true }
            try await registry.replaceTag(AliasLog.movingBackTag, of: name, from: present, to: nil)
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
