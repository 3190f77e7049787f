/// What a step of an agent does, in MLflow's words. Others may be written as text: `.tool`, or `"RERANKER"`.
public struct SpanType: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// The word.
    public let rawValue: String

    /// A type by its word.
    ///
    /// - Parameter rawValue: The word, such as `RERANKER`.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A type by its word.
    ///
    /// - Parameter value: The word, such as `RERANKER`.
    public init(stringLiteral value: String) { rawValue = value }

    /// A whole agent.
    public static let agent = SpanType(rawValue: "AGENT")
    /// Steps one after the other.
    public static let chain = SpanType(rawValue: "CHAIN")
    /// A call of a chat model.
    public static let chatModel = SpanType(rawValue: "CHAT_MODEL")
    /// A call of a language model.
    public static let llm = SpanType(rawValue: "LLM")
    /// A call of a tool.
    public static let tool = SpanType(rawValue: "TOOL")
    /// A search for what a model is to know.
    public static let retriever = SpanType(rawValue: "RETRIEVER")
    /// A reader of answers.
    public static let parser = SpanType(rawValue: "PARSER")
    /// Anything else.
    public static let unknown = SpanType(rawValue: "UNKNOWN")
}
