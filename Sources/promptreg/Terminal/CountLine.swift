import Glibc
import Synchronization

/// One line on a terminal that tells how much was read.
final class CountLine: Sendable {
    /// How often the line is redrawn at most.
    private static let interval = Duration.milliseconds(200)

    private let isShown: Bool
    private let noun: String
    private let last = Mutex<(shown: ContinuousClock.Instant?, count: Int)>((nil, 0))

    /// A line.
    ///
    /// - Parameters:
    ///   - noun: What is counted.
    ///   - console: Whether there is a terminal for it.
    init(_ noun: String, _ console: Console) {
        self.noun = noun
        isShown = console.isInteractive && !console.isQuiet
    }

    /// Tells how many there are, when it is time.
    func update(_ count: Int) {
        guard isShown else { return }
        last.withLock { last in
            let now = ContinuousClock.now
            guard last.shown.map({ now - $0 >= Self.interval }) ?? true else { return }
            last = (now, max(last.count, count))
            Self.write("\r\u{1B}[2Kread \(last.count) \(noun)")
        }
    }

    /// Takes the line away.
    func end() {
        last.withLock { last in
            if last.shown != nil { Self.write("\r\u{1B}[2K") }
            last.shown = nil
        }
    }

    private static func write(_ text: String) {
        _ = BlockedOutput.writing { text.writeAll(to: STDERR_FILENO) }
    }
}
