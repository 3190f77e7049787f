/// The answer of what only has to be done: an object, of which nothing matters.
package struct Acknowledgement: Decodable, Sendable {
    /// What stands for one that was not given.
    package init() {}

    package init(from decoder: any Decoder) throws {
        // Anything else, such as a page's text, is not the answer of an API.
        _ = try decoder.container(keyedBy: NoKey.self)
    }

    private enum NoKey: CodingKey {}
}
