import Dispatch
import Execution
import Glibc

/// Takes SIGINT and SIGTERM: the first one is reported, the second ends the process at once.
///
/// Ending at once is safe, because a registry is whole at every instant and a run can be repeated.
struct SignalWatch {
    private let sources: [any DispatchSourceSignal]

    /// Takes the signals from now on.
    ///
    /// - Parameter onFirst: Called with the first signal; it returns whether it was the first.
    init(onFirst: @escaping @Sendable (Int32) -> Bool) {
        let queue = DispatchQueue(label: "promptreg.signals")
        sources = [SIGINT, SIGTERM].compactMap { number in
            // What a shell told to ignore, as for a job in the background, stays so.
            guard !Self.isIgnored(number) else { return nil }
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if !onFirst(number) { _exit(128 + number) }
            }
            source.activate()
            return source
        }
    }

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

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// Leaves the signals to their usual effect.
    func cancel() {
        for source in sources {
            source.cancel()
            signal(Int32(source.handle), SIG_DFL)
        }
    }
}
