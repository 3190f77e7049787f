/// Identifies a registration: this content of this prompt, by this job, on top of this version.
///
/// Two versions of the same content and job are the same registration made twice where the later one was made upon a
/// version before the other: by runs at once, or by one run whose write was repeated after a lost answer. The one with
/// the lower number stays.
package struct VersionKey: Hashable, Sendable {
    /// The version's tag that holds the key. Like every tag that begins with `promptreg_` it never counts as a
    /// difference.
    package static let tag = "promptreg_key"

    /// The newest version at the time; 0 where there was none.
    package let base: Int
    /// A digest of the rest.
    private let digest: Substring

    /// The tag's value.
    package var text: String { "\(base)-\(digest)" }

    /// The key of a version that is about to be registered.
    ///
    /// - Parameters:
    ///   - content: The version's content.
    ///   - prompt: The prompt's full name.
    ///   - job: The job's name; nil without a job.
    ///   - base: The newest version before it; 0 where there is none.
    package init(_ content: PromptContent, of prompt: String, job: String?, base: Int) {
        digest =
            ShortDigest.of([
                job, prompt, content.kind.rawValue, content.template, content.modelConfig,
                content.responseFormat,
            ])[...]
        self.base = base
    }

    /// The key that a version has; nil for one that something else registered.
    package init?(of version: PromptVersion) {
        guard let text = version.tags[Self.tag] else { return nil }
        self.init(text: text)
    }

    /// Reads a tag's value; nil for what is no key.
    package init?(text: String) {
        guard let dash = text.firstIndex(of: "-"),
            let base = Int(text[..<dash]), base >= 0
        else { return nil }
        self.base = base
        digest = text[text.index(after: dash)...]
    }

    /// Whether a version with another key is the same registration: the one that was made upon it had not seen it.
    ///
    /// - Parameters:
    ///   - other: The key of the other version.
    ///   - number: The other version.
    /// - Returns: Whether it is.
    package func repeats(_ other: VersionKey, of number: Int) -> Bool {
        digest == other.digest && number > base
    }
}
