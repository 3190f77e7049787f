/// A JSON object of which nothing matters but that it came.
package struct Acknowledgement: Decodable, Sendable {
    /// One in place of an answer that was lost.
    package init() {}

    package init(from decoder: any Decoder) throws {
        // Anything else, such as a page of HTML, is not the answer of an API.
        _ = try decoder.container(keyedBy: NoKey.self)
    }

    /// What became of a change whose answer was lost, of a value that other clients change too.
    ///
    /// - Parameters:
    ///   - subject: What has the value, such as `the alias 'production'`.
    ///   - previous: The value before the change.
    ///   - goal: The value after it.
    ///   - current: The value now.
    /// - Returns: An acknowledgement; nil where the change did not take effect.
    /// - Throws: `HTTPError` with `.conflict` when something else changed it.
    package static func ofChange<Value: Equatable>(
        _ subject: String, from previous: Value, to goal: Value, now current: Value
    ) throws(HTTPError) -> Acknowledgement? {
        if current == goal { return Acknowledgement() }
        if current == previous { return nil }
        throw HTTPError(
            .conflict, "something else changed \(subject) at the same time",
            hint: "it was left there; check what changed it, then run again")
    }

    private enum NoKey: CodingKey {}
}

/// An answer of which nothing matters but its status: its body may be anything, also nothing.
package struct StatusOnly: Decodable, Sendable {
    /// An answer.
    package init() {}
}

/// An answer as it came.
package struct WholeAnswer: Decodable, Sendable {
    /// The answer.
    package let response: HTTPResponse

    init(_ response: HTTPResponse) { self.response = response }

    package init(from decoder: any Decoder) throws {
        throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "an answer is no JSON"))
    }
}
