import Support
import Prompts

/// The tags of a prompt or a version as people are shown them: without those that stand for something else.
enum PromptTags {
    private static let hidden: Set<String> = [
        ReservedTag.experimentIDs, AliasLog.tag, ProvenanceTag.job, ProvenanceTag.source,
        ProvenanceTag.commit,
        ProvenanceTag.dirty, ProvenanceTag.managedTags,
    ]

    /// The tags on a line, such as `team = platform, tier = 1`; nil when there are none to show.
    static func line(_ tags: [String: String]) -> String? {
        let shown = tags.filter { !hidden.contains($0.key) }.sorted { $0.key < $1.key }
        guard !shown.isEmpty else { return nil }
        return shown.map { "\($0.key) = \($0.value)".escapedForTerminal }.joined(separator: ", ")
    }
}
