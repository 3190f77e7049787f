import Synchronization

/// Limits how many requests are sent at a time, to what the server sustains.
///
/// Each 429 halves the limit, and each success raises it a little: additive increase, multiplicative decrease.
///
/// Where requests slow each other down, such as writes that wait for one lock, latency counts, too, by the rule of
/// TCP Vegas (Brakmo and Peterson, 1995): how much longer a request takes than the fastest one shows how many of
/// those in flight are queued, and as many fewer do the same work in less time.
final class RequestLimiter: Sendable {
    private struct State {
        /// How many requests may be queued before the limit stops growing, and before it shrinks.
        static let queue = 2.0...4.0

        var limit: Double
        var inFlight = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextID = 0
        /// Counts the decreases, so that requests sent at the same time cause only one.
        var generation = 0
        /// The time that the fastest request took.
        var fastest: Duration?
        /// Whether the limit is still being found, and doubles with each round.
        var isStarting = true

        mutating func grow(upTo maximum: Double, by step: Double = 1) {
            limit = min(maximum, limit + step / limit)
        }

        mutating func recordLatency(_ latency: Duration, maximum: Double) {
            let fastest = min(fastest ?? latency, latency)
            self.fastest = fastest
            let queued = Double(inFlight) * (1 - fastest / latency)
            isStarting = isStarting && queued < Self.queue.lowerBound
            if queued > Self.queue.upperBound {
                limit = max(1, limit - 1 / limit)
            } else if queued < Self.queue.lowerBound, inFlight >= Int(limit) {
                grow(upTo: maximum, by: isStarting ? limit : 1)
            }
        }
    }

    /// Permission to send one request.
    struct Permit: Sendable {
        fileprivate let generation: Int
    }

    /// How a request ended.
    enum Outcome: Sendable {
        /// The server did what was asked, in this time.
        case succeeded(Duration)
        /// The server refused, as it would have at any time.
        case refused
        /// The server asked for fewer requests.
        case throttled
        /// Anything else, which says nothing about how many it sustains.
        case other
    }

    private let maximum: Double
    private let adaptsToLatency: Bool
    private let state: Mutex<State>

    /// A limiter; one that adapts to latency starts with two requests at a time.
    init(maximum: Int, adaptsToLatency: Bool = false) {
        self.maximum = Double(max(1, maximum))
        self.adaptsToLatency = adaptsToLatency
        state = Mutex(State(limit: adaptsToLatency ? min(2, self.maximum) : self.maximum))
    }

    /// How many requests may be in flight now.
    var limit: Int { state.withLock { Int($0.limit) } }

    /// Waits until one more request may be sent; nil when the task was cancelled.
    func acquire() async -> Permit? {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let isAllowed = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.inFlight < Int(state.limit) {
                        state.inFlight += 1
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

    /// Releases a permit, and lets waiting requests go on.
    func release(_ permit: Permit, _ outcome: Outcome) {
        let next = state.withLock { state in
            switch outcome {
            case .succeeded(let latency) where adaptsToLatency:
                state.recordLatency(latency, maximum: maximum)
            // A refusal comes at once, and says nothing about how long the work takes.
            case .refused where adaptsToLatency: break
            case .succeeded, .refused: state.grow(upTo: maximum)
            case .throttled where permit.generation == state.generation:
                state.limit = max(1, (min(state.limit, Double(state.inFlight)) / 2).rounded(.down))
                state.generation += 1
                state.isStarting = false
            case .throttled, .other: break
            }
            state.inFlight -= 1
            var next: [CheckedContinuation<Bool, Never>] = []
            while !state.waiting.isEmpty, state.inFlight < Int(state.limit) {
                next.append(state.waiting.removeFirst().continuation)
                state.inFlight += 1
            }
            return next
        }
        for continuation in next { continuation.resume(returning: true) }
    }
}

extension RequestLimiter.Outcome {
    /// The outcome of a request that was answered within a time; nil is no answer.
    init(_ response: HTTPResponse?, _ latency: Duration) {
        switch response {
        case let response? where response.status == 429: self = .throttled
        case let response? where 200..<300 ~= response.status: self = .succeeded(latency)
        case let response? where response.isFromHealthyServer: self = .refused
        default: self = .other
        }
    }
}
