/// A JSON object of which nothing matters but that it came.
package struct Acknowledgement: Decodable, Sendable {
    /// One in place of an answer that was lost.
    package init() {}

    package init(from decoder: any Decoder) throws {
        // Anything else, such as a page of HTML, is not the answer of an API.
        _ = try decoder.container(keyedBy: NoKey.self)
    }

    private enum NoKey: CodingKey {}
}
