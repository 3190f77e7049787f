import Synchronization

/// A request to stop a run. What has started is finished; nothing new is started.
package final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        var cancellations: [Int: @Sendable () -> Void] = [:]
        var lastKey = 0
    }

    private let state = Mutex(State())

    /// An interruption that was not requested yet.
    package init() {}

    /// The signal that requested it; nil before that.
    package var signal: Int32? { state.withLock(\.signal) }

    /// Requests the run to stop.
    ///
    /// - Parameter signal: The signal, such as 2 for SIGINT.
    /// - Returns: Whether this is the first request.
    @discardableResult
    package func request(_ signal: Int32) -> Bool {
        let cancellations: [@Sendable () -> Void]? = state.withLock { state in
            guard state.signal == nil else { return nil }
            state.signal = signal
            return Array(state.cancellations.values)
        }
        cancellations?.forEach { $0() }
        return cancellations != nil
    }

    /// Has something done once the run is to stop.
    ///
    /// - Parameter action: What is done, at once where the run is to stop already.
    package func whenRequested(_ action: @escaping @Sendable () -> Void) {
        let isRequested = state.withLock { state in
            state.lastKey += 1
            state.cancellations[state.lastKey] = action
            return state.signal != nil
        }
        if isRequested { action() }
    }

    /// Runs an operation that may be cancelled, such as waiting or reading, and cancels it if the run is to stop.
    ///
    /// - Parameter operation: The operation, run in its own task.
    /// - Returns: Its result.
    package func cancelling<Result: Sendable>(
        _ operation: @escaping @Sendable () async -> Result
    ) async -> Result {
        let task = Task { await operation() }
        let key = state.withLock { state in
            state.lastKey += 1
            state.cancellations[state.lastKey] = { task.cancel() }
            return state.lastKey
        }
        if signal != nil { task.cancel() }
        let result = await task.value
        _ = state.withLock { $0.cancellations.removeValue(forKey: key) }
        return result
    }
}
