package import Jobs
import Prompts

extension TemplateSource {
    /// Notes which parts have another text than the version that is replaced was made with.
    mutating func noteChangedParts(since newest: PromptVersion) {
        guard let files = parts?.files, let tag = newest.tags[ProvenanceTag.parts] else { return }
        let known = PartsTag.digests(in: tag)
        let changed = files.filter { !known.contains($0.digest) }.map(\.path)
        changedParts = changed.isEmpty ? nil : changed
    }
}

/// The text of a version's tag that names the parts of its template: `PATH@DIGEST`, with commas between them.
package enum PartsTag {
    /// What every registry holds.
    private static let longest = 2_000

    /// The tag's text.
    ///
    /// - Parameters:
    ///   - parts: The parts.
    ///   - path: The path of a file as the tag names it.
    /// - Returns: The text; as many of the parts as it can hold.
    package static func text(_ parts: [TemplatePart], path: (String) -> String) -> String {
        var text = ""
        for (index, part) in parts.enumerated() {
            let next = (index == 0 ? "" : ", ") + "\(path(part.path))@\(part.digest)"
            if text.utf8.count + next.utf8.count > longest { return "\(text), … \(parts.count - index) more" }
            text += next
        }
        return text
    }

    /// The digests in a tag's text.
    static func digests(in text: String) -> Set<String> {
        Set(text.split(separator: ", ").compactMap { $0.split(separator: "@").last.map(String.init) })
    }
}

extension Plan {
    /// The files whose changed text a run would register, each with the names of the prompts that it reaches.
    package var changedParts: [(path: String, prompts: [String])] {
        var prompts: [String: [String]] = [:]
        for prompt in self.prompts {
            for path in prompt.source.changedParts ?? [] { prompts[path, default: []].append(prompt.name) }
        }
        return prompts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
