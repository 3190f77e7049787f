import Synchronization

/// Work under way that can be cancelled from elsewhere.
package final class Cancellations: Sendable {
    private struct State {
        var actions: [Int: @Sendable () -> Void] = [:]
        var lastKey = 0
        var isCancelled = false
    }

    private let state = Mutex(State())

    /// Nothing is under way yet.
    package init() {}

    /// Cancels what is under way, and, from now on, whatever begins.
    package func cancelAll() {
        let actions = state.withLock { state in
            state.isCancelled = true
            return Array(state.actions.values)
        }
        for action in actions { action() }
    }

    /// Has something done on cancellation.
    ///
    /// - Parameter action: What is done, at once where all is cancelled already.
    /// - Returns: The key to forget it by.
    @discardableResult
    package func add(_ action: @escaping @Sendable () -> Void) -> Int {
        let (key, isCancelled) = state.withLock { state in
            state.lastKey += 1
            state.actions[state.lastKey] = action
            return (state.lastKey, state.isCancelled)
        }
        if isCancelled { action() }
        return key
    }

    /// Runs work that ends early on cancellation of this or of the task that waits for it.
    ///
    /// - Parameter work: The work, in a task of its own.
    /// - Returns: Its result.
    package func cancelling<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        let task = Task { await work() }
        let key = add { task.cancel() }
        defer { _ = state.withLock { $0.actions.removeValue(forKey: key) } }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
