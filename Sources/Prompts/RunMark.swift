import Synchronization

/// Marks versions as one run's own, so that they are found again when the answer about them was lost.
package final class RunMark: Sendable {
    /// The version's tag that holds the mark. Like every tag that begins with `promptreg_` it is no difference.
    package static let tag = "promptreg_run"

    private let run = String(UInt64.random(in: .min ... .max), radix: 36)
    private let count = Atomic<Int>(0)

    /// The marks of a new run.
    package init() {}

    /// The mark of one more version, which no other version has.
    package func next() -> String { "\(run)-\(count.add(1, ordering: .relaxed).newValue)" }
}
