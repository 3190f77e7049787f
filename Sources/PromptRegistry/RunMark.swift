/// Marks a version as one run's own, so that it is found again when the answer about it was lost.
package enum RunMark {
    /// The version's tag that holds the mark. Like every tag that begins with `promptreg_` it is no difference.
    package static let tag = "promptreg_run"
}
