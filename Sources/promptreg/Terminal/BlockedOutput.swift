import Dispatch
import Glibc
import Support
import Synchronization

/// Writing to the standard output and error, which ends the program after a signal where nobody reads what is written.
enum BlockedOutput {
    private struct State {
        var begun: [Int: ContinuousClock.Instant] = [:]
        var count = 0
    }

    private static let state = Mutex(State())
    /// How long a reader may read nothing after a signal.
    private static let patience = Duration.milliseconds(1_500)

    /// Writes.
    ///
    /// - Parameter write: Does it, however long a reader takes.
    /// - Returns: What that returns.
    static func writing<Result>(_ write: () -> Result) -> Result {
        let number = state.withLock { state in
            state.count += 1
            state.begun[state.count] = .now
            return state.count
        }
        defer { _ = state.withLock { $0.begun.removeValue(forKey: number) } }
        return write()
    }

    /// Ends the program as soon as a write has waited too long since the signal.
    ///
    /// - Parameter signal: The signal, which has just come.
    static func end(after signal: Int32) {
        let start = ContinuousClock.now
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "promptreg.output"))
        timer.schedule(deadline: .now() + .milliseconds(500), repeating: .milliseconds(250))
        timer.setEventHandler {
            let oldest = state.withLock { $0.begun.values.min() }
            // Kept by its own handler: it is needed until the program ends.
            guard let oldest, max(oldest, start) + patience < .now, !timer.isCancelled else { return }
            ChildProcess.endAll()
            _exit(128 + signal)
        }
        timer.activate()
    }
}
