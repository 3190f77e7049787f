import Support

/// A trace that has ended: its steps, and the prompts that it loaded.
package struct TraceRecord: Sendable {
    /// A version of a prompt that was loaded.
    package struct Prompt: Hashable, Sendable {
        /// The prompt's full name.
        package var name: String
        /// The version's number.
        package var version: Int

        /// A version.
        package init(name: String, version: Int) { (self.name, self.version) = (name, version) }

        /// As MLflow writes it.
        var json: JSONValue { ["name": .string(name), "version": .string("\(version)")] }
    }

    /// The id: 32 hexadecimal digits.
    package let id: String
    /// The steps, the root first.
    package let spans: [SpanRecord]
    /// The prompts, each once, in the order in which they were loaded.
    package let prompts: [Prompt]
    /// Tags, which can be changed later.
    package var tags: [String: String]
    /// Metadata, which stays as it is.
    package var metadata: [String: String]
    /// What the program says of it.
    package var feedback: [TraceFeedback] = []

    /// The most characters of what is shown of the inputs and outputs in a list.
    private static let longestPreview = 1_000

    /// A trace.
    ///
    /// - Parameters:
    ///   - id: The id: 32 hexadecimal digits.
    ///   - spans: The steps, the root first; at least one.
    ///   - prompts: The prompts that were loaded.
    ///   - tags: Other tags.
    ///   - metadata: Other metadata.
    package init(
        id: String, spans: [SpanRecord], prompts: [Prompt], tags: [String: String] = [:],
        metadata: [String: String] = [:]
    ) {
        self.id = id
        // A step that is not waited for may end after the root.
        self.spans = spans.filter { $0.parent == nil } + spans.filter { $0.parent != nil }
        var seen: Set<Prompt> = []
        self.prompts = prompts.filter { seen.insert($0).inserted }
        self.tags = tags
        self.metadata = metadata
        addOwn()
    }

    /// The same trace with other steps, tags and metadata.
    init(
        _ other: TraceRecord, spans: [SpanRecord], tags: [String: String], metadata: [String: String]
    ) {
        (id, prompts, feedback) = (other.id, other.prompts, other.feedback)
        (self.spans, self.tags, self.metadata) = (spans, tags, metadata)
    }

    /// MLflow's id of the trace.
    var traceID: String { Self.traceID(id) }

    /// MLflow's id of a trace, by its 32 hexadecimal digits.
    package static func traceID(_ id: String) -> String { "tr-" + id }

    /// MLflow's name for the prompts of a trace or a step.
    static let linkedPrompts = "mlflow.linkedPrompts"

    /// MLflow's names for what a trace used and cost.
    static let (usageKey, costKey) = ("mlflow.trace.tokenUsage", "mlflow.trace.cost")

    /// The tag that names the version of a prompt: with the prompt's name behind it.
    static let ownTagPrefix = "promptreg.prompt."

    /// Adds what MLflow shows, and what promptreg asks by.
    private mutating func addOwn() {
        if let root = spans.first { tags["mlflow.traceName"] = root.name }
        metadata["mlflow.trace_schema.version"] = "3"
        if let usage = sum(\.usage, +) { metadata[Self.usageKey] = usage.json.serialized }
        if let cost = sum(\.cost, +)?.json { metadata[Self.costKey] = cost.serialized }
        guard !prompts.isEmpty else { return }
        tags[Self.linkedPrompts] = JSONValue.array(prompts.map(\.json)).serialized
        tags["prompts_loaded"] = prompts.map { "\($0.name)/\($0.version)" }.joined(separator: ",")
        // The link of a long name is refused, and metrics can be asked for by tags only.
        for prompt in prompts { tags[Self.ownTagPrefix + prompt.name] = "\(prompt.version)" }
    }

    /// The sum of what steps say, without those within a step that says it for them.
    private func sum<Value>(_ part: (SpanRecord) -> Value?, _ add: (Value, Value) -> Value) -> Value? {
        let parents = Dictionary(spans.map { ($0.id, $0) }) { first, _ in first }
        var total: Value?
        for span in spans {
            guard let value = part(span) else { continue }
            var ancestor = span.parent.flatMap { parents[$0] }
            // A chain of steps is no longer than there are steps.
            var steps = 0
            while let step = ancestor, part(step) == nil, steps < spans.count {
                ancestor = step.parent.flatMap { parents[$0] }
                steps += 1
            }
            if ancestor == nil { total = total.map { add($0, value) } ?? value }
        }
        return total
    }

    /// What is shown of JSON in a list.
    static func preview(_ value: JSONValue?) -> String? {
        guard let value else { return nil }
        let text = if case .string(let text) = value { text } else { value.serialized }
        return text.cut(to: longestPreview).withoutNull
    }
}
