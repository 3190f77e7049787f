import Support
import Synchronization

/// A request to stop a run. What has started is finished; nothing new is started.
package final class Interruption: Sendable {
    private let requested = Mutex<Int32?>(nil)
    private let cancellations = Cancellations()

    /// An interruption that was not requested yet.
    package init() {}

    /// The signal that requested it; nil before that.
    package var signal: Int32? { requested.withLock { $0 } }

    /// Requests the run to stop.
    ///
    /// - Parameter signal: The signal, such as 2 for SIGINT.
    /// - Returns: Whether this is the first request.
    @discardableResult
    package func request(_ signal: Int32) -> Bool {
        let isFirst = requested.withLock { requested in
            defer { requested = requested ?? signal }
            return requested == nil
        }
        if isFirst { cancellations.cancelAll() }
        return isFirst
    }

    /// Has something done once the run is to stop.
    ///
    /// - Parameter action: What is done, at once where the run is to stop already.
    package func whenRequested(_ action: @escaping @Sendable () -> Void) { cancellations.add(action) }

    /// Runs an operation that may be cancelled, such as waiting or reading, and cancels it if the run is to stop.
    ///
    /// - Parameter operation: The operation, run in its own task.
    /// - Returns: Its result.
    package func cancelling<Result: Sendable>(
        _ operation: @escaping @Sendable () async -> Result
    ) async -> Result {
        await cancellations.cancelling(operation)
    }
}
