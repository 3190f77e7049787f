import Dispatch
import Glibc
import HTTP
import Support
import Synchronization

/// The time that a command takes to read its files. Where it takes all that the command has, the program ends: nothing was
/// asked or written yet.
enum ReadingTime {
    private struct State {
        var begin: ContinuousClock.Instant?
        var isOver = false
        var spent = Duration.zero
    }

    private static let state = Mutex(State())

    /// Begins.
    ///
    /// - Parameters:
    ///   - limit: How long the command may take.
    ///   - console: Told where it takes longer.
    static func begin(_ limit: Duration, _ console: Console) {
        state.withLock { $0.begin = .now }
        // What reads is not interrupted by anything but the end of the program.
        DispatchQueue(label: "promptreg.reading").asyncAfter(
            deadline: .now() + .milliseconds(limit.milliseconds)
        ) {
            state.withLock { state in
                if state.isOver { return }
                console.error(
                    "reading the files has exceeded the time limit; nothing was written",
                    hint: RunDeadline(total: limit).hint)
                ChildProcess.endAll()
                _exit(ExitCode.unreachable.rawValue)
            }
        }
    }

    /// Ends: from now on something else has a time limit, or something is written.
    ///
    /// - Returns: How long it has taken.
    @discardableResult
    static func end() -> Duration {
        state.withLock { state in
            if let begin = state.begin, !state.isOver { state.spent = .now - begin }
            state.isOver = true
            return state.spent
        }
    }

    /// Counts all that has passed since the beginning, as what was done has taken from the same time.
    static func countOn() {
        state.withLock { state in if let begin = state.begin { state.spent = .now - begin } }
    }
}
