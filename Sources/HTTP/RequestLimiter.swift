import Synchronization

/// Bounds how many requests are under way, as the server bears them.
///
/// A server that says 429 halves the number, and each success lets it grow back a little: additive increase,
/// multiplicative decrease.
///
/// Where requests get in each other's way, such as writes that wait for one lock, it heeds how long they take, too,
/// by the rule of TCP Vegas (Brakmo and Peterson, 1995): what a request takes longer than the quickest tells how
/// many of those under way wait for others, and as many fewer do the same work in less time.
final class RequestLimiter: Sendable {
    private struct State {
        /// How many requests may wait for others before no more are let through, and before fewer are.
        static let queue = 2.0...4.0

        var limit: Double
        var underWay = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextID = 0
        /// Counts the decreases, so that requests sent at the same time make one only.
        var generation = 0
        /// The time that the quickest request took.
        var quickest: Duration?
        /// Whether the number is still to be found, so that it doubles with each round.
        var isStarting = true

        mutating func grow(upTo maximum: Double, by step: Double = 1) {
            limit = min(maximum, limit + step / limit)
        }

        mutating func heed(_ time: Duration, maximum: Double) {
            let quickest = min(quickest ?? time, time)
            self.quickest = quickest
            let queued = Double(underWay) * (1 - quickest / time)
            isStarting = isStarting && queued < Self.queue.lowerBound
            if queued > Self.queue.upperBound {
                limit = max(1, limit - 1 / limit)
            } else if queued < Self.queue.lowerBound, underWay >= Int(limit) {
                grow(upTo: maximum, by: isStarting ? limit : 1)
            }
        }
    }

    /// Leave to send one request.
    struct Permit: Sendable {
        fileprivate let generation: Int
    }

    /// How a request that was allowed went.
    enum Outcome: Sendable {
        /// The server did what was asked, in this time.
        case succeeded(Duration)
        /// The server refused, as it would have at any time.
        case refused
        /// The server asked for fewer requests.
        case throttled
        /// Anything else, which says nothing about how many it bears.
        case other
    }

    private let maximum: Double
    private let heedsTime: Bool
    private let state: Mutex<State>

    /// A limiter.
    ///
    /// - Parameters:
    ///   - maximum: How many requests are under way at most.
    ///   - heedsTime: Whether it begins with two at a time, and lets more through only as long as that pays.
    init(maximum: Int, heedsTime: Bool = false) {
        self.maximum = Double(max(1, maximum))
        self.heedsTime = heedsTime
        state = Mutex(State(limit: heedsTime ? min(2, self.maximum) : self.maximum))
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
            case .succeeded(let time) where heedsTime: state.heed(time, maximum: maximum)
            // What is refused at once says nothing about the time that work takes.
            case .refused where heedsTime: break
            case .succeeded, .refused: state.grow(upTo: maximum)
            case .throttled where permit.generation == state.generation:
                state.limit = max(1, (min(state.limit, Double(state.underWay)) / 2).rounded(.down))
                state.generation += 1
                state.isStarting = false
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
