import Synchronization

/// What was loaded, by the words that it was asked for.
///
/// What is too old is served once more while it is refreshed in the background; while the registry fails, for as long as
/// that takes. Many tasks that ask for the same make one request. A registry that failed is left alone for a moment, so
/// that not every task waits for it in full.
final class PromptCache: Sendable {
    /// Loads a prompt.
    typealias Load = @Sendable () async -> Result<Prompt, PromptClientError>

    private typealias Loading = Task<Result<Prompt, PromptClientError>, Never>

    private struct Entry {
        var prompt: Prompt?
        /// Until when the prompt is served without a look; nil: for ever.
        var end: ContinuousClock.Instant?
        var loading: Loading?
        /// Why the last attempt failed, where no prompt is known.
        var failure: Failure?
    }

    /// A failure of the registry's, which is told again for a while in place of another attempt.
    private struct Failure {
        let error: PromptClientError
        let end: ContinuousClock.Instant
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Nothing answered, whatever was asked for.
        var outage: Failure?
    }

    /// What there is for somebody who asks.
    private enum Found {
        case prompt(Prompt)
        case failure(PromptClientError)
        case loading(Loading)
    }

    /// The most entries; an agent has dozens.
    private static let limit = 4_096
    private let pause: Duration
    private let state = Mutex(State())

    /// An empty cache.
    ///
    /// - Parameter pause: How long a failed attempt is not repeated.
    init(pause: Duration) { self.pause = pause }

    /// The prompt for some words.
    ///
    /// - Parameters:
    ///   - words: What was asked for.
    ///   - lifetime: How long what is loaded counts as new; nil: for ever. Zero tries to load it each time.
    ///   - load: Loads it.
    /// - Returns: The prompt, or why there is none.
    nonisolated(nonsending) func prompt(
        for words: String, lifetime: Duration?, _ load: @escaping Load
    ) async -> Result<Prompt, PromptClientError> {
        let found = state.withLock { state -> Found in
            let entry = state.entries[words] ?? Entry()
            let known = lifetime == .zero ? nil : entry.prompt
            if let known, entry.end.map({ .now < $0 }) ?? true { return .prompt(known) }
            if known == nil, lifetime != .zero, entry.loading == nil,
                let failure = [entry.failure, state.outage].compactMap(\.self).first(where: { .now < $0.end })
            {
                return .failure(failure.error)
            }
            let loading = entry.loading ?? start(words, lifetime, load, &state.entries)
            return known.map(Found.prompt) ?? .loading(loading)
        }
        return switch found {
        case .prompt(let prompt): .success(prompt)
        case .failure(let error): .failure(error)
        case .loading(let task): await task.value
        }
    }

    /// Begins to load, which nobody's cancellation ends.
    private func start(
        _ words: String, _ lifetime: Duration?, _ load: @escaping Load, _ entries: inout [String: Entry]
    ) -> Loading {
        if entries.count >= Self.limit { entries = entries.filter { $0.value.loading != nil } }
        let task = Task.detached { [self] in finish(words, lifetime: lifetime, await load()) }
        entries[words, default: Entry()].loading = task
        return task
    }

    /// Keeps what was loaded; where that failed, what was known.
    private func finish(
        _ words: String, lifetime: Duration?, _ result: Result<Prompt, PromptClientError>
    ) -> Result<Prompt, PromptClientError> {
        state.withLock { state in
            let known = state.entries[words]?.prompt
            let error: PromptClientError
            switch result {
            case .success(let prompt):
                state.outage = nil
                state.entries[words] = Entry(prompt: prompt, end: lifetime.map { .now + $0 })
                return result
            case .failure(let failure): error = failure
            }
            // Deleted, or the alias was taken away: the registry did not fail.
            if error.code == .notFound || error.code == .invalid {
                state.entries[words] = nil
                return result
            }
            let end = ContinuousClock.now + pause
            let failure = Failure(error: error, end: end)
            if error.code == .unreachable { state.outage = failure }
            state.entries[words] = Entry(prompt: known, end: end, failure: failure)
            return known.map { .success($0) } ?? result
        }
    }
}
