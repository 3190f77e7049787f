package import Prompts
import Support

/// What an agent would notice of going from one content to another, line by line.
package struct ContentDiff: Hashable, Sendable {
    /// What a part of a content is.
    package enum Subject: Hashable, Sendable {
        /// The whole template.
        case template
        /// A message of a chat prompt: its number, from 1, and its role.
        case message(Int, role: String)
        /// The model's settings.
        case modelConfig
        /// The answer's shape.
        case responseFormat
    }

    /// A part that differs.
    package struct Part: Hashable, Sendable {
        /// What it is in the old content; nil when it is not there.
        package var old: Subject?
        /// What it is in the new content; nil when it is not there.
        package var new: Subject?
        /// Where the lines differ; none where the part is the same in another place or under another role.
        package var hunks: [LineDiff.Hunk]

        /// Whether it belongs to the template.
        package var isTemplate: Bool {
            switch new ?? old {
            case .template, .message: true
            case .modelConfig, .responseFormat, nil: false
            }
        }
    }

    /// What differs.
    package var differences: [Difference]
    /// The parts that differ.
    package var parts: [Part]
    /// The variables that only the new content has, sorted.
    package var addedVariables: [String]
    /// The variables that only the old content has, sorted.
    package var removedVariables: [String]

    /// Whether the two contents are the same to an agent.
    package var isEmpty: Bool { differences.isEmpty }

    /// Compares two contents.
    ///
    /// - Parameters:
    ///   - old: The old content; nil where there is none.
    ///   - new: The new content.
    package init(from old: PromptContent?, to new: PromptContent) {
        let (oldVariables, newVariables) = (old?.variables ?? [], new.variables)
        addedVariables = newVariables.filter { !oldVariables.contains($0) }
        removedVariables = oldVariables.filter { !newVariables.contains($0) }
        guard let old else {
            differences = [.template]
            if new.modelConfig != nil { differences.append(.modelConfig) }
            if new.responseFormat != nil { differences.append(.responseFormat) }
            parts = Self.templateParts(from: nil, to: new)
            parts += Self.setting(.modelConfig, nil, new.modelConfig)
            parts += Self.setting(.responseFormat, nil, new.responseFormat)
            return
        }
        differences = new.differences(from: old)
        parts = differences.contains(.template) ? Self.templateParts(from: old, to: new) : []
        if differences.contains(.modelConfig) {
            parts += Self.setting(.modelConfig, old.modelConfig, new.modelConfig)
        }
        if differences.contains(.responseFormat) {
            parts += Self.setting(.responseFormat, old.responseFormat, new.responseFormat)
        }
    }

    // MARK: Templates

    private static func templateParts(from old: PromptContent?, to new: PromptContent) -> [Part] {
        guard let old else {
            return [Part(old: nil, new: .template, hunks: [.added(new.readableTemplate)])]
        }
        if old.kind == .chat, new.kind == .chat,
            let oldMessages = try? ChatMessage.messages(in: old.template),
            let newMessages = try? ChatMessage.messages(in: new.template),
            oldMessages.count * newMessages.count <= LineDiff.searchLimit
        {
            let parts = changedPairs(of: oldMessages, newMessages).compactMap { old, new in
                part(old.map { ($0, oldMessages[$0]) }, new.map { ($0, newMessages[$0]) })
            }
            if !parts.isEmpty { return parts }
        }
        var hunks = LineDiff(from: old.readableTemplate, to: new.readableTemplate).hunks
        // JSON may differ in what its readable form does not show.
        if hunks.isEmpty { hunks = LineDiff(from: old.template, to: new.template).hunks }
        return [Part(old: .template, new: .template, hunks: hunks)]
    }

    /// The difference of two messages that stand for each other; nil when there is none but their numbers.
    private static func part(
        _ old: (index: Int, message: ChatMessage)?, _ new: (index: Int, message: ChatMessage)?
    ) -> Part? {
        let subject = { (index: Int, message: ChatMessage) in
            Subject.message(index + 1, role: message.role ?? "")
        }
        switch (old, new) {
        case (let old?, let new?):
            guard !old.message.isIdentical(to: new.message) else { return nil }
            let hunks = LineDiff(from: old.message.readableText, to: new.message.readableText).hunks
            return Part(
                old: subject(old.index, old.message), new: subject(new.index, new.message), hunks: hunks)
        case (let old?, nil):
            return Part(
                old: subject(old.index, old.message), new: nil, hunks: [.removed(old.message.readableText)])
        case (nil, let new?):
            return Part(
                old: nil, new: subject(new.index, new.message), hunks: [.added(new.message.readableText)])
        case (nil, nil): return nil
        }
    }

    /// Which of the messages that changed stand for each other, by their places; nil on one side is a message more.
    private static func changedPairs(of old: [ChatMessage], _ new: [ChatMessage]) -> [(Int?, Int?)] {
        var (removed, added): (Set<Int>, Set<Int>) = ([], [])
        for change in new.difference(from: old, by: { $0.isIdentical(to: $1) }) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var pairs: [(Int?, Int?)] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            let oldRun = (oldIndex..<old.count).prefix { removed.contains($0) }
            let newRun = (newIndex..<new.count).prefix { added.contains($0) }
            pairs += self.pairs(of: Array(oldRun), old, Array(newRun), new)
            // Behind the runs there is a message that both have.
            oldIndex = oldRun.endIndex + 1
            newIndex = newRun.endIndex + 1
        }
        return pairs
    }

    /// Pairs messages between two that did not change: each with its counterpart where there are as many, else with
    /// the next of its role.
    private static func pairs(
        of oldRun: [Int], _ old: [ChatMessage], _ newRun: [Int], _ new: [ChatMessage]
    ) -> [(Int?, Int?)] {
        if oldRun.count == newRun.count {
            return Array(zip(oldRun.map(Optional.some), newRun.map(Optional.some)))
        }
        var pairs: [(Int?, Int?)] = []
        var rest = newRun[...]
        for index in oldRun {
            guard let partner = rest.firstIndex(where: { new[$0].role == old[index].role }) else {
                pairs.append((index, nil))
                continue
            }
            pairs += rest[..<partner].map { (nil, $0) }
            pairs.append((index, rest[partner]))
            rest = rest[(partner + 1)...]
        }
        return pairs + rest.map { (nil, $0) }
    }

    // MARK: Settings

    /// The difference of two settings that are JSON; their keys are sorted, as their order means nothing.
    private static func setting(_ subject: Subject, _ old: String?, _ new: String?) -> [Part] {
        let (before, after) = (old.map(lines), new.map(lines))
        switch (before, after) {
        case (let before?, let after?):
            return [Part(old: subject, new: subject, hunks: LineDiff(from: before, to: after).hunks)]
        case (let before?, nil): return [Part(old: subject, new: nil, hunks: [.removed(before)])]
        case (nil, let after?): return [Part(old: nil, new: subject, hunks: [.added(after)])]
        case (nil, nil): return []
        }
    }

    private static func lines(of setting: String) -> String {
        JSONValue(stored: setting).indented(sortingKeys: true)
    }
}

extension LineDiff.Hunk {
    /// A text that was not there before.
    fileprivate static func added(_ text: String) -> Self {
        let lines = LineDiff.split(text)
        return Self(
            oldStart: 0, oldCount: 0, newStart: 1, newCount: lines.count,
            lines: lines.map(LineDiff.Line.added))
    }

    /// A text that is there no more.
    fileprivate static func removed(_ text: String) -> Self {
        let lines = LineDiff.split(text)
        return Self(
            oldStart: 1, oldCount: lines.count, newStart: 0, newCount: 0,
            lines: lines.map(LineDiff.Line.removed))
    }
}
