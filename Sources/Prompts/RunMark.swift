import Synchronization

/// Marks the versions of one run, so that they are found again when the response to their creation was lost.
package final class RunMark: Sendable {
    /// The version's tag that holds the mark. Like every tag that begins with `promptreg_` it never counts as a difference.
    package static let tag = "promptreg_run"

    private let run = String(UInt64.random(in: .min ... .max), radix: 36)
    private let count = Atomic<Int>(0)

    /// The marks of a new run.
    package init() {}

    /// A new mark.
    package func next() -> String { "\(run)-\(count.add(1, ordering: .relaxed).newValue)" }
}
