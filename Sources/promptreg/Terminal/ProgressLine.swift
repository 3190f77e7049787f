import Execution
import Glibc
import Synchronization

/// One line on a terminal that tells how far a long run is.
final class ProgressLine: Sendable {
    private struct State {
        var total = 0
        var done = 0
        var failed = 0
        var moved = 0
        var isMovingBack = false
        var begin = ContinuousClock.now
        var shown: ContinuousClock.Instant?
    }

    /// Runs that are over sooner show no line.
    private static let delay = Duration.milliseconds(400)
    /// How often the line is redrawn at most.
    private static let interval = Duration.milliseconds(100)

    private let isShown: Bool
    private let state = Mutex(State())

    /// A line.
    ///
    /// - Parameter isShown: Whether there is a terminal for it.
    init(isShown: Bool) { self.isShown = isShown }

    /// Begins to count.
    ///
    /// - Parameter total: How many prompts will be worked on.
    func begin(total: Int) {
        state.withLock { state in
            state.total = total
            state.begin = .now
        }
    }

    /// Counts what happened, and redraws the line when it is time.
    func update(_ event: RunEvent) {
        guard isShown else { return }
        state.withLock { state in
            switch event {
            case .registered(let outcome):
                state.done += 1
                if outcome.status == .failed { state.failed += 1 }
            case .aliasesMoved: state.moved += 1
            case .movingAliasesBack: state.isMovingBack = true
            case .cleaningUp: break
            }
            let now = ContinuousClock.now
            guard now - state.begin >= Self.delay, state.shown.map({ now - $0 >= Self.interval }) ?? true
            else {
                return
            }
            state.shown = now
            Self.write("\r\u{1B}[2K" + Self.text(state))
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            if state.shown != nil { Self.write("\r\u{1B}[2K") }
            state.shown = nil
        }
    }

    private static func text(_ state: State) -> String {
        if state.isMovingBack { return "moving aliases back" }
        if state.moved > 0 { return "aliases of \(state.moved) prompts moved" }
        let failed = state.failed > 0 ? ", \(state.failed) failed" : ""
        return "registered \(state.done) of \(state.total) prompts\(failed)"
    }

    private static func write(_ text: String) {
        _ = text.utf8.withContiguousStorageIfAvailable {
            Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }
}
