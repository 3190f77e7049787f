import Prompts

/// How many prompts to ask for with the next page of a list: the longer their texts, the fewer.
///
/// A server runs the whole search again for each page, so that few large ones take half the time of many small ones.
/// The token of a page does not depend on its size.
struct PageSize {
    /// A page of the longest texts still fits an answer.
    static let smallest = 100
    /// The server's own limit.
    private static let largest = 1000
    /// How many bytes a page is to have, which bounds the memory that it takes.
    private static let bytes = 2 << 20
    /// About what an entry takes besides its text.
    private static let bytesOfEntry = 2000

    /// The most prompts that the next page has.
    private(set) var count = Self.smallest

    /// Goes by a page that was read. The next may have longer texts, so that the size grows step by step.
    mutating func fit(_ models: [RegisteredModelMessage]) {
        guard !models.isEmpty else { return }
        let bytes = models.reduce(0) { $0 + $1.textBytes + Self.bytesOfEntry }
        let fitting = Self.bytes * models.count / bytes
        count = max(Self.smallest, min(fitting, count * 4, Self.largest))
    }

    /// Goes back to the smallest size after an answer that was too large; false where it was that already.
    mutating func reset() -> Bool {
        defer { count = Self.smallest }
        return count > Self.smallest
    }
}

extension RegisteredModelMessage {
    /// The length of the texts that come with the prompt.
    fileprivate var textBytes: Int {
        (latestVersions ?? []).reduce(0) { $0 + ($1.tags?.tags[ReservedTag.text]?.utf8.count ?? 0) }
    }
}
