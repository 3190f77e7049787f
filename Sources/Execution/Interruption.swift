import Synchronization

/// Whether somebody asked a run to stop. What has begun is finished; nothing new is begun.
package final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        var cancellations: [Int: @Sendable () -> Void] = [:]
        var lastKey = 0
    }

    private let state = Mutex(State())

    /// A run that nobody asked to stop.
    package init() {}

    /// The signal that asked to stop; nil while none did.
    package var signal: Int32? { state.withLock(\.signal) }

    /// Asks to stop.
    ///
    /// - Parameter signal: The signal that asks, such as 2 for SIGINT.
    /// - Returns: Whether this is the first time.
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

    /// Does something that may be given up half way, such as waiting or reading, and cancels it when asked to stop.
    ///
    /// - Parameter operation: What to do, in a task of its own.
    /// - Returns: What it returns.
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
