import Synchronization

/// What was loaded, by the words that it was asked for.
///
/// What is too old is served once more while it is refreshed in the background; while the registry fails, for as long as
/// that takes. Many tasks that ask for the same make one request.
final class PromptCache: Sendable {
    /// Loads a prompt.
    typealias Load = @Sendable () async -> Result<Prompt, PromptClientError>

    private typealias Loading = Task<Result<Prompt, PromptClientError>, Never>

    private struct Entry {
        var prompt: Prompt?
        /// Until when the prompt is served without a look; nil: for ever.
        var end: ContinuousClock.Instant?
        var loading: Loading?
    }

    /// What there is for somebody who asks.
    private enum Found {
        case prompt(Prompt)
        case loading(Loading)
    }

    /// The most entries; an agent has dozens.
    private static let limit = 4_096
    /// How long a failed refresh is not repeated.
    private static let pause = Duration.seconds(5)

    private let entries = Mutex<[String: Entry]>([:])

    /// The prompt for some words.
    ///
    /// - Parameters:
    ///   - words: What was asked for.
    ///   - lifetime: How long what is loaded counts as new; nil: for ever. Zero loads it each time.
    ///   - load: Loads it.
    /// - Returns: The prompt, or why there is none.
    func prompt(
        for words: String, lifetime: Duration?, _ load: @escaping Load
    ) async -> Result<Prompt, PromptClientError> {
        let found = entries.withLock { entries -> Found in
            let entry = entries[words] ?? Entry()
            let known = lifetime == .zero ? nil : entry.prompt
            if let known, entry.end.map({ .now < $0 }) ?? true { return .prompt(known) }
            let loading = entry.loading ?? start(words, lifetime, load, &entries)
            return known.map(Found.prompt) ?? .loading(loading)
        }
        return switch found {
        case .prompt(let prompt): .success(prompt)
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
        entries.withLock { entries in
            let known = entries[words]?.prompt
            switch result {
            case .success(let prompt):
                entries[words] = Entry(prompt: prompt, end: lifetime.map { .now + $0 })
                return result
            // Deleted, or the alias was taken away: the registry did not fail.
            case .failure(let error) where error.code == .notFound || error.code == .invalid || known == nil:
                entries[words] = nil
                return result
            case .failure:
                entries[words] = Entry(prompt: known, end: .now + Self.pause)
                return known.map { .success($0) } ?? result
            }
        }
    }
}
