import Prompts
import Synchronization
import Tracing

/// A trace whose root has not ended.
final class TraceInProgress: Sendable {
    private struct State {
        var spans: [SpanRecord] = []
        var prompts: [TraceRecord.Prompt] = []
        var fallbacks: [String] = []
        var tags: [String: String] = [:]
        var metadata: [String: String] = [:]
        var feedback: [TraceFeedback] = []
    }

    /// The id: 32 hexadecimal digits.
    let id: String
    /// Whether it is stored when it ends.
    let isSampled: Bool
    private let state = Mutex(State())

    /// A trace that begins.
    init(isSampled: Bool) {
        self.isSampled = isSampled
        id = [UInt64.random(in: 1...UInt64.max), UInt64.random(in: 0...UInt64.max)]
            .map(SpanRecord.hexadecimal).joined()
    }

    /// Keeps a step that has ended.
    func add(_ span: SpanRecord) { if isSampled { state.withLock { $0.spans.append(span) } } }

    /// Keeps a version that was loaded, once: a long trace loads it again and again.
    func add(_ prompt: TraceRecord.Prompt) {
        state.withLock { if !$0.prompts.contains(prompt) { $0.prompts.append(prompt) } }
    }

    /// Keeps the name of a prompt for which the caller's own text was taken.
    func addFallback(_ name: String) {
        state.withLock { if !$0.fallbacks.contains(name) { $0.fallbacks.append(name) } }
    }

    /// Sets a tag.
    func setTag(_ key: String, _ value: String) { state.withLock { $0.tags[key] = value } }

    /// Sets a part of the metadata.
    func setMetadata(_ key: String, _ value: String) { state.withLock { $0.metadata[key] = value } }

    /// Says something of it.
    func add(_ feedback: [TraceFeedback]) { state.withLock { $0.feedback += feedback } }

    /// The trace once its root has ended: the last step that did.
    func record() -> TraceRecord {
        state.withLock { state in
            var tags = state.tags
            if let schema = state.prompts.first.flatMap({ QualifiedName($0.name).schema }) {
                tags["prompt_catalog"] = schema.catalog
                tags["prompt_schema"] = schema.name
            }
            if !state.fallbacks.isEmpty { tags["prompts_fallback"] = state.fallbacks.joined(separator: ",") }
            var record = TraceRecord(
                id: id, spans: state.spans.reversed(), prompts: state.prompts, tags: tags,
                metadata: state.metadata)
            record.feedback = state.feedback
            return record
        }
    }
}
