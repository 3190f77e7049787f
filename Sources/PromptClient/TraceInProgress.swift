import Prompts
import Synchronization
import Tracing

/// A trace of which some steps have not ended.
final class TraceInProgress: Sendable {
    private struct State {
        var spans: [SpanRecord] = []
        var prompts: [TraceRecord.Prompt] = []
        var fallbacks: [String] = []
        var tags: [String: String] = [:]
        var metadata: [String: String] = [:]
        var feedback: [TraceFeedback] = []
        /// How many steps have not ended.
        var open = 0
        var hasRootEnded = false
        /// Whether the trace was handed over to be stored.
        var isTaken = false
        /// Whether nobody wants it.
        var isDiscarded = false
    }

    /// What the end of a step is for its trace.
    enum Ending {
        /// Its root has not ended.
        case goesOn
        /// Its root has ended, and steps that nobody waited for have not.
        case waits
        /// Nothing of it is missing.
        case isWhole
        /// It was stored without the step.
        case isLate
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

    /// Notes a step that begins.
    func begin() { if isSampled { state.withLock { $0.open += 1 } } }

    /// Keeps a step that has ended.
    func end(_ span: SpanRecord) -> Ending {
        guard isSampled else { return .goesOn }
        return state.withLock { state in
            if state.isDiscarded { return .goesOn }
            if state.isTaken { return .isLate }
            state.spans.append(span)
            state.open -= 1
            if span.parent == nil { state.hasRootEnded = true }
            guard state.hasRootEnded else { return .goesOn }
            return state.open == 0 ? .isWhole : .waits
        }
    }

    /// Whether the trace was handed over to be stored.
    var isTaken: Bool { state.withLock(\.isTaken) }

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

    /// Lets go of it; nothing takes it any more.
    func discard() { state.withLock { $0.isDiscarded = true } }

    /// The trace once its root has ended; nil where it was taken before, or let go of.
    func take() -> TraceRecord? {
        state.withLock { state in
            if state.isTaken || state.isDiscarded { return nil }
            state.isTaken = true
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
