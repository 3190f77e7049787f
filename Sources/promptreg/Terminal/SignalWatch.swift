import Dispatch
import Execution
import Glibc
import Support
import Synchronization

/// Takes SIGINT and SIGTERM: the first one is reported, the second ends the process at once.
///
/// Ending at once is safe, because a registry is whole at every instant and a run can be repeated.
struct SignalWatch {
    private let number: Int

    /// Takes the signals from now on.
    ///
    /// - Parameter onFirst: Called with the first signal; it returns whether it was the first.
    init(onFirst: @escaping @Sendable (Int32) -> Bool) { number = Signals.shared.add(onFirst) }

    /// Takes the signals from now on: the first one lets what has begun be finished.
    ///
    /// - Parameters:
    ///   - interruption: Told of the first signal.
    ///   - console: Where the user is told what happens.
    init(_ interruption: Interruption, _ console: Console) {
        self.init { signal in
            let isFirst = interruption.request(signal)
            if isFirst {
                console.note(
                    "finishing what has started, then stopping; a second signal quits at once, without a report"
                )
            }
            return isFirst
        }
    }

    /// Leaves the signals to the watch before this one.
    func cancel() { Signals.shared.remove(number) }
}

/// The signals of the process. Its sources stay: one that is made while another is being cancelled would take nothing.
private final class Signals: @unchecked Sendable {
    // Unchecked: nobody uses the sources, they only have to stay.
    static let shared = Signals()

    private struct State {
        var handlers: [(number: Int, onFirst: @Sendable (Int32) -> Bool)] = []
        var count = 0
    }

    private let state = Mutex(State())
    private let sources: [any DispatchSourceSignal]

    private init() {
        let queue = DispatchQueue(label: "promptreg.signals")
        // What a shell told to ignore, as for a job in the background, stays so.
        sources = [SIGINT, SIGTERM].filter { !Self.isIgnored($0) }.map { signal in
            let source = DispatchSource.makeSignalSource(signal: signal, queue: queue)
            source.setEventHandler { Signals.shared.take(signal) }
            source.activate()
            return source
        }
    }

    /// Lets a handler have the signals before those that are there; returns its number.
    func add(_ onFirst: @escaping @Sendable (Int32) -> Bool) -> Int {
        state.withLock { state in
            state.count += 1
            state.handlers.append((state.count, onFirst))
            return state.count
        }
    }

    /// Takes a handler away.
    func remove(_ number: Int) { state.withLock { $0.handlers.removeAll { $0.number == number } } }

    private func take(_ signal: Int32) {
        BlockedOutput.end(after: signal)
        let onFirst = state.withLock { $0.handlers.last?.onFirst }
        guard onFirst?(signal) != true else { return }
        ChildProcess.endAll()
        _exit(128 + signal)
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
