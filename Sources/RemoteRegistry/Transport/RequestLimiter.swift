import Synchronization

/// Bounds how many requests are under way, as the server bears them.
///
/// A server that says 429 halves the number, and each success lets it grow back a little: additive increase,
/// multiplicative decrease.
final class RequestLimiter: Sendable {
    private struct State {
        var limit: Double
        var underWay = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextID = 0
        /// Counts the decreases, so that requests sent at the same time make one only.
        var generation = 0
    }

    /// Leave to send one request.
    struct Permit: Sendable {
        fileprivate let generation: Int
    }

    /// How a request that was allowed went.
    enum Outcome: Sendable {
        /// The server did what was asked.
        case succeeded
        /// The server asked for fewer requests.
        case throttled
        /// Anything else, which says nothing about how many it bears.
        case other
    }

    private let maximum: Double
    private let state: Mutex<State>

    /// A limiter.
    ///
    /// - Parameter maximum: How many requests are under way at most.
    init(maximum: Int) {
        self.maximum = Double(max(1, maximum))
        state = Mutex(State(limit: Double(max(1, maximum))))
    }

    /// How many requests may be under way now.
    var limit: Int { state.withLock { Int($0.limit) } }

    /// Waits until one more request may be sent.
    ///
    /// - Returns: Leave to send it, to be given back; nil when the task was cancelled.
    func acquire() async -> Permit? {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let isAllowed = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.underWay < Int(state.limit) {
                        state.underWay += 1
                        return true
                    }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
        return isAllowed ? Permit(generation: state.withLock { $0.generation }) : nil
    }

    /// Gives leave back.
    func release(_ permit: Permit, _ outcome: Outcome) {
        let next = state.withLock { state in
            switch outcome {
            case .succeeded: state.limit = min(maximum, state.limit + 1 / state.limit)
            case .throttled where permit.generation == state.generation:
                state.limit = max(1, (min(state.limit, Double(state.underWay)) / 2).rounded(.down))
                state.generation += 1
            case .throttled, .other: break
            }
            state.underWay -= 1
            var next: [CheckedContinuation<Bool, Never>] = []
            while !state.waiting.isEmpty, state.underWay < Int(state.limit) {
                next.append(state.waiting.removeFirst().continuation)
                state.underWay += 1
            }
            return next
        }
        for continuation in next { continuation.resume(returning: true) }
    }
}
