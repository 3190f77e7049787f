package import Prompts
import Support

/// How two contents differ to an agent, line by line.
package struct ContentDiff: Hashable, Sendable {
    /// What a part of a content is.
    package enum Subject: Hashable, Sendable {
        /// The whole template.
        case template
        /// A message of a chat prompt: its number, from 1, and its role.
        case message(Int, role: String)
        /// The model's settings.
        case modelConfig
        /// A function that the model may call.
        case tool(String)
        /// The names of the functions, in their order.
        case toolOrder
        /// The response format.
        case responseFormat
    }

    /// A part that differs.
    package struct Part: Hashable, Sendable {
        /// What it is in the old content; nil if it is not there.
        package var old: Subject?
        /// What it is in the new content; nil if it is not there.
        package var new: Subject?
        /// Where the lines differ; none if only the part's place or role differs.
        package var hunks: [LineDiff.Hunk]

        /// Whether it belongs to the template.
        package var isTemplate: Bool {
            switch new ?? old {
            case .template, .message: true
            case .modelConfig, .tool, .toolOrder, .responseFormat, nil: false
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

    /// Whether the contents are the same to an agent.
    package var isEmpty: Bool { differences.isEmpty }

    /// Compares two contents.
    ///
    /// - Parameters:
    ///   - old: The old content; nil if there is none.
    ///   - new: The new content.
    package init(from old: PromptContent?, to new: PromptContent) {
        let (oldVariables, newVariables) = (old?.variables ?? [], new.variables)
        let (oldNames, newNames) = (Set(oldVariables), Set(newVariables))
        addedVariables = newVariables.filter { !oldNames.contains($0) }
        removedVariables = oldVariables.filter { !newNames.contains($0) }
        let settings: [(Difference, Subject, String?, String?)] = [
            (.modelConfig, .modelConfig, old?.modelConfigWithoutTools, new.modelConfigWithoutTools),
            (.responseFormat, .responseFormat, old?.responseFormat, new.responseFormat),
        ]
        differences =
            old.map { new.differences(from: $0) } ?? [.template]
            + (new.modelConfig == nil ? [] : [.modelConfig])
            + (new.responseFormat == nil ? [] : [.responseFormat])
        parts = differences.contains(.template) ? Self.templateParts(from: old, to: new) : []
        for (difference, subject, old, new) in settings where differences.contains(difference) {
            if difference == .modelConfig, JSONValue.areEqual(old, new) { continue }
            parts.append(
                Self.part(old.map { (subject, Self.lines($0)) }, new.map { (subject, Self.lines($0)) }))
        }
        if differences.contains(.modelConfig) {
            let tools = ToolChanges(from: old, to: new)
            parts += tools.changes.map { change in
                Self.part(
                    change.old.map { (.tool($0.name), $0.text) }, change.new.map { (.tool($0.name), $0.text) }
                )
            }
            if let orders = tools.orders {
                let text = { (names: [String]) in names.joined(separator: "\n") }
                parts.append(Self.part((.toolOrder, text(orders.old)), (.toolOrder, text(orders.new))))
            }
        }
    }

    /// A part that differs, with its subject and text on either side.
    private static func part(
        _ old: (subject: Subject, text: String)?, _ new: (subject: Subject, text: String)?
    ) -> Part {
        let hunks =
            switch (old?.text, new?.text) {
            case (let old?, let new?): LineDiff(from: old, to: new).hunks
            case (let old?, nil): LineDiff(of: old, isNew: false).hunks
            case (nil, let new?): LineDiff(of: new, isNew: true).hunks
            case (nil, nil): [LineDiff.Hunk]()
            }
        return Part(old: old?.subject, new: new?.subject, hunks: hunks)
    }

    /// The lines of a setting; its keys are sorted, as their order means nothing.
    private static func lines(_ setting: String) -> String {
        JSONValue(stored: setting).indented(sortingKeys: true)
    }

    // MARK: Templates

    private static func templateParts(from old: PromptContent?, to new: PromptContent) -> [Part] {
        guard let old else { return [part(nil, (.template, new.readableTemplate))] }
        if old.kind == .chat, new.kind == .chat,
            let oldMessages = try? ChatMessage.messages(in: old.template),
            let newMessages = try? ChatMessage.messages(in: new.template),
            let pairs = changedPairs(of: oldMessages, newMessages)
        {
            let parts = pairs.compactMap { old, new -> Part? in
                if let old, let new, oldMessages[old].isIdentical(to: newMessages[new]) { return nil }
                func side(_ index: Int, _ messages: [ChatMessage]) -> (subject: Subject, text: String) {
                    let message = messages[index]
                    return (.message(index + 1, role: message.role ?? ""), message.readableText)
                }
                return part(old.map { side($0, oldMessages) }, new.map { side($0, newMessages) })
            }
            if !parts.isEmpty { return parts }
        }
        let readable = part((.template, old.readableTemplate), (.template, new.readableTemplate))
        // JSON may differ in what its readable form does not show.
        return [
            readable.hunks.isEmpty ? part((.template, old.template), (.template, new.template)) : readable
        ]
    }

    /// The indices of changed messages, paired with their counterparts; an index that is nil means that there is none.
    /// Nil when too many differ.
    private static func changedPairs(of old: [ChatMessage], _ new: [ChatMessage]) -> [(Int?, Int?)]? {
        let found = ShortestDifference(from: old, to: new) { $0.isIdentical(to: $1) }
        guard let difference = found else { return nil }
        var pairs: [(Int?, Int?)] = []
        var (oldIndex, newIndex) = (0, 0)
        while oldIndex < old.count || newIndex < new.count {
            let oldRun = (oldIndex..<old.count).prefix { difference.removed.contains($0) }
            let newRun = (newIndex..<new.count).prefix { difference.added.contains($0) }
            pairs += self.pairs(of: Array(oldRun), old, Array(newRun), new)
            // After the runs comes a message that both have.
            oldIndex = oldRun.endIndex + 1
            newIndex = newRun.endIndex + 1
        }
        return pairs
    }

    /// Pairs the messages between two unchanged ones: in order if there are equally many, otherwise each with the
    /// next one of its role.
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
}
